// Complex functions of the C library: Swift has no complex numbers.
#include <complex.h>
#include "CTiny.h"

void tiny_complex(int function, double *real, double *imaginary) {
    double complex z;
    // Multiplying by I would spoil signed zeros and infinities.
    ((double *)&z)[0] = *real;
    ((double *)&z)[1] = *imaginary;
    switch (function) {
    case 0: z = cacos(z); break;
    case 1:
        z = cacosh(z);
        // CPython's table says NaN for both parts.
        if (*real == 0 && *imaginary != *imaginary) ((double *)&z)[1] = *imaginary;
        break;
    case 2: z = casin(z); break;
    case 3: z = casinh(z); break;
    case 4: z = catan(z); break;
    case 5: z = catanh(z); break;
    case 6: z = ccos(z); break;
    case 7: z = ccosh(z); break;
    case 8: z = cexp(z); break;
    case 9: z = clog(z); break;
    case 10: z = csin(z); break;
    case 11: z = csinh(z); break;
    case 12: z = csqrt(z); break;
    case 13: z = ctan(z); break;
    case 14: z = ctanh(z); break;
    default: break;
    }
    *real = creal(z);
    *imaginary = cimag(z);
}
