/* The kernels in plain C, for every machine; the other instruction sets must equal them. */
#include "simd_scalar.h"
#define W2V_ISA scalar
#include "kernels_tmpl.h"
