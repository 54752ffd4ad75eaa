/* The kernels in NEON, which every AArch64 processor has. */
#include "compiler.h"
#if W2V_AARCH64
#include "simd_neon.h"
#define W2V_ISA neon
#include "kernels_tmpl.h"
#endif
