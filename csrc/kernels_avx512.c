/* The kernels in AVX-512 F and DQ (Intel since Skylake-SP, AMD since Zen 4). */
#include "compiler.h"
#if W2V_X86_64
#if defined(W2V_EMULATE_AVX512)
#include "simd_avx512.h"
#define W2V_ISA avx512
#include "kernels_tmpl.h"
#else
#include <immintrin.h>
W2V_TARGET_BEGIN("avx512f,avx512dq,avx2,fma")
#include "simd_avx512.h"
#define W2V_ISA avx512
#include "kernels_tmpl.h"
W2V_TARGET_END
#endif
#endif
