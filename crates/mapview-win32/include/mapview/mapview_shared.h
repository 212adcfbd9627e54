/* Statics that all running instances of a program share.
 *
 *     #include <mapview_shared.h>
 *     MAPVIEW_SHARED(volatile LONG, instances, 0);
 *     ...
 *     InterlockedIncrement(&instances);
 *
 * does what on Windows does
 *
 *     #pragma data_seg(".shared")
 *     volatile LONG instances = 0;
 *     #pragma data_seg()
 *     #pragma comment(linker, "/SECTION:.shared,RWS")
 *
 * The first instance finds the initial values; they are back when the last one has ended, however it ended. The instances
 * are the processes of one user that run the same file, or have loaded the same library; a file that was built again shares
 * nothing with the one before. Each variable takes whole pages. No pointers: each process has its own addresses.
 *
 * For arrays use a typedef: `typedef char Text[80]; MAPVIEW_SHARED(Text, title, "none");`
 * In other files: `extern volatile LONG instances MAPVIEW_SHARED_ELSEWHERE(instances);`
 */
#ifndef MAPVIEW_SHARED_H
#define MAPVIEW_SHARED_H

#ifdef __cplusplus
extern "C" {
#endif

/* Puts the pages between both addresses into shared memory. Ends the program if that is impossible. */
void mapview_share_statics(void *start, void *end);

/* Where the linker puts the variables; of this program or library alone. */
extern char __start_mapview_shared[] __attribute__((visibility("hidden")));
extern char __stop_mapview_shared[] __attribute__((visibility("hidden")));

#ifdef __cplusplus
}
#endif

#define MAPVIEW_SHARED_PAGE 4096
#define MAPVIEW_SHARED_ELSEWHERE(name) __asm__("mapview_shared_" #name)

/* The variable under its own name, and under another the whole pages that it begins. */
#define MAPVIEW_SHARED(type, name, ...)                                                                              \
    extern type name MAPVIEW_SHARED_ELSEWHERE(name);                                                                 \
    union mapview_shared_pages_##name {                                                                              \
        type value;                                                                                                  \
        char pages[(sizeof(type) + MAPVIEW_SHARED_PAGE - 1) / MAPVIEW_SHARED_PAGE * MAPVIEW_SHARED_PAGE];            \
    };                                                                                                               \
    extern union mapview_shared_pages_##name mapview_shared_pages_of_##name MAPVIEW_SHARED_ELSEWHERE(name);          \
    union mapview_shared_pages_##name mapview_shared_pages_of_##name                                                 \
        __attribute__((section("mapview_shared"), aligned(MAPVIEW_SHARED_PAGE), used)) = {__VA_ARGS__};              \
    static __attribute__((constructor(101), used)) void mapview_share_##name(void)                                   \
    {                                                                                                                \
        mapview_share_statics(__start_mapview_shared, __stop_mapview_shared);                                        \
    }                                                                                                                \
    extern type name MAPVIEW_SHARED_ELSEWHERE(name)

#endif
