# What _probe shares with _core: the kernels are linked once.
from fastw2v._csrc cimport w2v_kernels

cdef const w2v_kernels *find_kernels(str isa) except NULL
