/* Half precision to single, in operations that any compiler vectorises. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* singles = halves */
static inline void singles_of_halves(const uint16_t *halves, float *singles, ptrdiff_t count)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        int32_t half = halves[i];
        int32_t bits = (half & 0x7fff) << 13; /* exponent and mantissa in their places, */
        float value;
        memcpy(&value, &bits, 4);
        value *= 0x1p112f; /* the exponent counted from single's zero; this also makes small numbers normal */
        int32_t endless = -(bits >= 0x7c00 << 13) & 0x7f800000; /* infinity and NaN */
        memcpy(&bits, &value, 4);
        bits |= endless | (int32_t)((uint32_t)(half & 0x8000) << 16);
        memcpy(&singles[i], &bits, 4);
    }
}
