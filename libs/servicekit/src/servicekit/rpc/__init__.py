"""Serving and calling over gRPC: who may call, what a refusal looks like on the wire, how a channel is opened."""
