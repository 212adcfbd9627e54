/* Reading with formats: sizes of numbers, text, sets, counts of what was read. */
#include "scenario.h"

int main(void)
{
    const char *wide_number = "%I64d"; /* which mingw's compiler warns about */
    DWORD word[2] = {7, 7};
    LONG number = 0;
    LONGLONG big = 0;
    unsigned short small[2] = {0, 9};
    double real = 0;
    float single = 0;
    char text[16] = "", set[16] = "", one = 0;

    /* A DWORD is filled and the one behind it left alone. */
    SAY("%lu", "%d", sscanf("4294967295", "%lu", (unsigned long *)(void *)word));
    SAY("both", "%lu %lu", (unsigned long)word[0], (unsigned long)word[1]);
    SAY("%lx", "%d", sscanf("DEADbeef", "%lx", (unsigned long *)(void *)word));
    SAY("both", "%lx %lu", (unsigned long)word[0], (unsigned long)word[1]);
    SAY("%ld", "%d", sscanf(" -12 ", "%ld", (long *)(void *)&number));
    SAY("number", "%ld", (long)number);
    SAY("%I64d", "%d", sscanf("-1234567890123", wide_number, &big));
    SAY("big", "%I64d", big);
    SAY("%hu", "%d", sscanf("65535", "%hu", small));
    SAY("small", "%u %u", small[0], small[1]);
    SAY("%lf %f", "%d", sscanf("2.5e3 0.25", "%lf %f", &real, &single));
    SAY("real", "%g %g", real, (double)single);
    SAY("%s %c", "%d", sscanf("word x", "%15s %c", text, &one));
    SAY("text", "[%s][%c]", text, one);
    SAY("%[", "%d", sscanf("abc123", "%15[a-z]%15[^a-z]", text, set));
    SAY("sets", "[%s][%s]", text, set);
    SAY("%*d", "%d", sscanf("1 2 3", "%*d %*d %ld", (long *)(void *)&number));
    SAY("number", "%ld", (long)number);
    SAY("nothing there", "%d", sscanf("", "%ld", (long *)(void *)&number));
    SAY("no number", "%d", sscanf("x", "%ld", (long *)(void *)&number));
    SAY("second missing", "%d", sscanf("5 x", "%ld %ld", (long *)(void *)&number, (long *)(void *)&number));
    SAY("literal", "%d", sscanf("pid=77;", "pid=%lu;", (unsigned long *)(void *)word));
    SAY("word", "%lu", (unsigned long)word[0]);
    return 0;
}
