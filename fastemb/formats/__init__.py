"""File formats of vectors: one a module, its reader beside its writer. They know keys and arrays, no models."""
