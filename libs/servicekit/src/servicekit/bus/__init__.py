"""The bus: facts out of the outbox, into JetStream, and into the inbox of whoever may hear them."""
