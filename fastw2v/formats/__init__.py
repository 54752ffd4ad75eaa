"""File formats, one per module; none of them knows the trainer or the `KeyedVectors` class.

Each module has `write`, which takes plain keys and a matrix, and `read`, which returns a
`Table` of them. Everything that is written goes through `atomic.atomic_write`.
"""
