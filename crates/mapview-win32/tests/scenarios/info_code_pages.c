/* Bytes to UTF-16 and back, and lstr... */
#include "scenario.h"

static void units(const char *what, const WCHAR *text, int count)
{
    char shown[200];
    int index, at = 0;
    for (index = 0; index < count; index++)
        at += sprintf(shown + at, "%x ", text[index]);
    shown[at] = 0;
    SAY(what, "%d: %s", count, shown);
}

int main(void)
{
    const char *mixed = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"; /* a, a umlaut, euro, a face outside the BMP */
    const WCHAR wide[] = {'a', 0xE4, 0x20AC, 0xD83D, 0xDE00, 0}, lone[] = {0xD83D, 'x', 0};
    WCHAR to[32];
    char bytes[32];
    BOOL used = 7;
    int result;

    N(MultiByteToWideChar(CP_UTF8, 0, mixed, -1, NULL, 0));
    units("from UTF-8", to, MultiByteToWideChar(CP_UTF8, 0, mixed, -1, to, 32));
    units("part of it", to, MultiByteToWideChar(CP_UTF8, 0, mixed, 3, to, 32));
    N(MultiByteToWideChar(CP_UTF8, 0, mixed, -1, to, 3));
    N(WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL));
    N(WideCharToMultiByte(CP_UTF8, 0, wide, -1, bytes, sizeof bytes, NULL, NULL));
    SAY("the same again", "%d", strcmp(bytes, mixed));
    N(WideCharToMultiByte(CP_UTF8, 0, wide, -1, bytes, 4, NULL, NULL));

    units("from 1252", to, MultiByteToWideChar(1252, 0, "\x80\xE4z", -1, to, 32));
    units("from Latin-1", to, MultiByteToWideChar(28591, 0, "\xA9\xE4z", -1, to, 32));
    N(WideCharToMultiByte(1252, 0, wide, 3, bytes, sizeof bytes, NULL, &used));
    SAY("bytes", "%x %x %x used %d", bytes[0] & 255, bytes[1] & 255, bytes[2] & 255, used);
    N(WideCharToMultiByte(28591, WC_NO_BEST_FIT_CHARS, wide, 3, bytes, sizeof bytes, "*", &used));
    SAY("bytes", "%x %x %x used %d", bytes[0] & 255, bytes[1] & 255, bytes[2] & 255, used);

    units("bad UTF-8, let pass", to, MultiByteToWideChar(CP_UTF8, 0, "a\xFFz", -1, to, 32));
    WideCharToMultiByte(CP_UTF8, 0, lone, -1, bytes, sizeof bytes, NULL, NULL);
    SAY("lone half, let pass", "%x %x %x %x", bytes[0] & 255, bytes[1] & 255, bytes[2] & 255, bytes[3] & 255);

#define FAILS(call) SetLastError(0), result = call, SAY(#call, "%d %lu", result, (unsigned long)GetLastError())
    FAILS(MultiByteToWideChar(CP_UTF8, 0, mixed, 0, to, 32));
    FAILS(MultiByteToWideChar(CP_UTF8, 0, NULL, -1, to, 32));
    FAILS(MultiByteToWideChar(CP_UTF8, 0, mixed, -1, to, -1));
    FAILS(MultiByteToWideChar(CP_UTF8, 0, mixed, -1, NULL, 32));
    FAILS(MultiByteToWideChar(31415, 0, mixed, -1, to, 32));
    SetLastError(0), result = MultiByteToWideChar(CP_UTF8, MB_PRECOMPOSED, mixed, -1, to, 32);
    ROW_SAY("0 1004", "flags that UTF-8 has not", "%d %lu", result, (unsigned long)GetLastError());
    SetLastError(0), result = WideCharToMultiByte(CP_UTF8, 0, wide, -1, bytes, sizeof bytes, NULL, &used);
    ROW_SAY("0 87", "UTF-8 has no default character", "%d %lu", result, (unsigned long)GetLastError());
    FAILS(MultiByteToWideChar(CP_UTF8, 0, mixed, -1, to, 3));
    FAILS(MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, "a\xFFz", -1, to, 32));
    FAILS(WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, lone, -1, bytes, sizeof bytes, NULL, NULL));

    SAY("lstrlenA", "%d %d", lstrlenA("four"), lstrlenA(NULL));
    SAY("lstrlenW", "%d %d", lstrlenW(wide), lstrlenW(NULL));
    SAY("lstrcpyA and lstrcatA", "%s", lstrcatA(lstrcpyA(bytes, "one "), "two"));
    SAY("lstrcpynA", "%s", lstrcpynA(bytes, "abcdef", 4));
    SAY("lstrcpyA of NULL", "%d", lstrcpyA(bytes, NULL) == NULL);
    SAY("lstrcmpA", "%d %d %d", lstrcmpA("a", "b"), lstrcmpA("b", "a"), lstrcmpA("a", "a"));
    SAY("lstrcmpA, case", "%d %d", lstrcmpA("a", "A"), lstrcmpA("A", "b"));
    SAY("lstrcmpiA", "%d", lstrcmpiA("HeLLo", "hEllO"));
    SAY("lstrcmpA of NULL", "%d %d %d", lstrcmpA(NULL, "a"), lstrcmpA("a", NULL), lstrcmpA(NULL, NULL));
    SAY("CompareStringOrdinal", "%d %d", CompareStringOrdinal(wide, -1, lone, -1, FALSE),
        CompareStringOrdinal(wide, 1, wide, 1, TRUE));
    return 0;
}
