/* The kernels in AVX2 and FMA (Intel since Haswell, AMD since Excavator). */
#include "compiler.h"
#if W2V_X86_64
#include <immintrin.h>
W2V_TARGET_BEGIN("avx2,fma,prfchw")
#include "simd_avx2.h"
#define W2V_ISA avx2
#include "kernels_tmpl.h"
W2V_TARGET_END
#endif
