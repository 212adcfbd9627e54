/* A library that needs no other: one counter that all processes share, one that each has alone, and a pointer. */
__attribute__((section(".common"), shared)) volatile int common = 23;
volatile int own = 5;
int zeros[3000];
static const char text[] = "from the library";
const char *pointer = text;

__declspec(dllexport) int count_common(void) { return __sync_add_and_fetch(&common, 1); }
__declspec(dllexport) int count_own(void) { return ++own; }
__declspec(dllexport) int count_zeros(void) { return ++zeros[1500]; }
__declspec(dllexport) const char *get_text(void) { return pointer; }
__declspec(dllexport) int add(int a, int b, int c, int d, int e, int f) { return a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f; }

int __stdcall entry(void *module, unsigned reason, void *reserved) { return module != 0 || reason != 0 || reserved != 0; }
