/* The kernels in AVX-512 F and DQ (Intel since Skylake-SP, AMD since Zen 4). */
#include "compiler.h"
#if W2V_X86_64
#include <immintrin.h>
W2V_AVX512_BEGIN
#include "simd_avx512.h"
#define W2V_ISA avx512
#include "kernels_tmpl.h"
W2V_AVX512_END
#endif
