"""The pages, one file a noun: each reads an address, asks the services, and answers with HTML or a redirection."""
