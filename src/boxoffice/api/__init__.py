"""The HTTP contract: routes, problem documents and the OpenAPI document, all from one table of operations."""
