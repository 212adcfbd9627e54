/* Formats: sizes of numbers, text of both widths, widths and precisions, truncation. */
#include "scenario.h"

static const WCHAR WIDE[] = {'w', 'i', 'd', 'e', 0};

int main(void)
{
    char text[64];
    DWORD most = 0xFFFFFFFF;
    LONG least = -2147483647 - 1;
    ULONGLONG big = 0xFEDCBA9876543210ull;

    SAY("%lu of a DWORD", "%lu %lu", (unsigned long)most, (unsigned long)0);
    SAY("%ld of a LONG", "%ld", (long)least);
    SAY("%lx", "%lx %08lX %#lx", (unsigned long)most, 0xABCul, 0x12ul);
    SAY("%I64", "%I64d %I64u %I64x", (LONGLONG)-5, big, big);
    SAY("%I32", "%I32d %I32u", -5, most);
    SAY("%Iu", "%Iu", (SIZE_T)0x123456789ull);
    SAY("%llu and %zu", "%llu %zu", big, sizeof big);
    SAY("%hd and %hhd", "%hd %hhd", 70000, 300);
    SAY("%d with all", "[%5d][%-5d][%05d][%+d][% d]", 42, 42, 42, 42, 42);
    SAY("%*d", "[%*d][%-*d][%.*f]", 6, 42, 6, 42, 2, 3.14159);
    SAY("%f", "%f %.3f %10.2f %-10.2f|", 3.14159, 2.0 / 3, 1e6 / 3, -0.5);
    SAY("%g and %e", "%g %g %g %.3e", 0.0001, 1234567.0, 100.0, 12345.678);
    SAY("%s", "[%s][%10s][%-10s][%.2s]", "text", "text", "text", "text");
    SAY("%ls and %S", "[%ls][%S][%8ls][%.2ls]", WIDE, WIDE, WIDE, WIDE);
    SAY("%hs and %c", "[%hs][%c][%3c][%lc]", "narrow", 'a', 'b', (unsigned short)'c');
    SAY("%%", "100%%");
    SAY("%x of negative", "%x %X %o", -1, -1, 8);

    SAY("_snprintf, room", "%d", _snprintf(text, sizeof text, "%s", "fits"));
    memset(text, '#', sizeof text);
    SAY("_snprintf, exact", "%d", _snprintf(text, 4, "abcd"));
    SAY("its fifth", "%c", text[4]);
    SAY("_snprintf, too long", "%d", _snprintf(text, 4, "abcdefgh"));
    SAY("its fifth", "%.5s", text);
    SAY("snprintf, too long", "%d", snprintf(text, 4, "abcdefgh"));
    SAY("what is there", "%s", text);
    SAY("snprintf, no room", "%d", snprintf(NULL, 0, "%s %u", "abc", 12u));
    return 0;
}
