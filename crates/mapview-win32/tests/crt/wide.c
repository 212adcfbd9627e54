/* The functions of <wchar.h> with a wchar_t of 16 bits. Each line that fails is printed. */
#include <wchar.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wctype.h>
#include <windows.h>

static int failed;

static void check(int holds, const char *what)
{
    if (!holds) {
        failed++;
        printf("fails: %s\n", what);
    }
}
#define CHECK(condition) check((condition) ? 1 : 0, #condition)

static int format(wchar_t *buffer, size_t size, const wchar_t *format, ...)
{
    va_list arguments;
    int length;
    va_start(arguments, format);
    length = vswprintf(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}

int main(void)
{
    wchar_t text[64], *end, *state = NULL;
    char bytes[64];
    const wchar_t *path = L"C:\\f\u00f6lder\\file.txt";
    struct tm day;
    int number = 0;

    CHECK(sizeof(wchar_t) == 2 && sizeof(WCHAR) == 2 && wcslen(path) == 18 && wcsnlen(path, 3) == 3);
    CHECK(wcscmp(wcscat(wcscpy(text, L"one "), L"two"), L"one two") == 0);
    CHECK(wcscmp(L"a", L"b") < 0 && wcsncmp(L"abc", L"abd", 2) == 0 && wcscoll(L"b", L"a") > 0);
    CHECK(wcschr(path, L'\\') == path + 2 && wcsrchr(path, L'\\') == path + 9 && wcschr(path, L'#') == NULL);
    CHECK(wcschr(path, 0) == path + 18 && wcsstr(path, L"file") == path + 10 && wcsstr(path, L"") == path);
    CHECK(wcsspn(L"aab", L"a") == 2 && wcscspn(L"xyz", L"z") == 2 && wcspbrk(path, L".\\") == path + 2);
    wcsncpy(text, L"abc", 6);
    CHECK(text[3] == 0 && text[5] == 0 && wcscmp(wcsncat(text, L"defg", 2), L"abcde") == 0);
    wcscpy(text, L"a,b;c");
    CHECK(wcscmp(wcstok(text, L",;", &state), L"a") == 0 && wcscmp(wcstok(NULL, L",;", &state), L"b") == 0);
    CHECK(wcscmp(wcstok(NULL, L",;", &state), L"c") == 0 && wcstok(NULL, L",;", &state) == NULL);
    CHECK(wcstol(L" -12x", &end, 10) == -12 && *end == L'x' && wcstoul(L"ff", NULL, 16) == 255);
    CHECK(wcstoll(L"123456789012", NULL, 10) == 123456789012 && wcstod(L"2.5!", &end) == 2.5 && *end == L'!');
    CHECK(wcstold(L"0.5", NULL) == 0.5L && _wtoi(L"42") == 42);
    CHECK(wmemcmp(L"ab", L"ac", 2) < 0 && wmemchr(L"abc", L'c', 3) != NULL && wmemset(text, L'x', 3)[2] == L'x');
    CHECK(wmemmove(text + 1, text, 2)[1] == L'x' && towupper(L'q') == L'Q');
    CHECK(_wcsicmp(L"HeLLo", L"hEllO") == 0 && wcscmp(_wcsupr(wcscpy(text, L"abc")), L"ABC") == 0);

    CHECK(swprintf(text, 64, L"%s|%S|%d|%5.1f", L"w\u00efde", "narrow", 7, 2.25) == 19);
    CHECK(wcscmp(text, L"w\u00efde|narrow|7|  2.2") == 0);
    CHECK(swprintf(text, L"%ls", L"without a size") == 14 && wcscmp(text, L"without a size") == 0);
    CHECK(swprintf(text, 4, L"%s", L"too long") == -1);
    CHECK(format(text, 64, L"%08lX %I64d", (DWORD)0xBEEF, (LONGLONG)-1) == 11);
    CHECK(swscanf(L"12 word", L"%d %63s", &number, text) == 2 && number == 12 && wcscmp(text, L"word") == 0);
    CHECK(mbstowcs(text, "\xC3\xA4\xE2\x82\xAC", 64) == 2 && text[0] == 0xE4 && text[1] == 0x20AC);
    CHECK(wcstombs(bytes, L"\u00e4\u20ac", 64) == 5 && strcmp(bytes, "\xC3\xA4\xE2\x82\xAC") == 0);
    memset(&day, 0, sizeof day);
    day.tm_year = 124, day.tm_mday = 29, day.tm_mon = 1;
    CHECK(wcsftime(text, 64, L"%Y-%m-%d", &day) == 10 && wcscmp(text, L"2024-02-29") == 0);

    wprintf(L"%s %ls %hs %c %u\n", L"w\u00efde", L"too", "narrow", L'x', 5);
    fputws(L"\u20ac ", stdout);
    fputwc(L'\u00e4', stdout);
    putwchar(L'\n');
    printf("mixed with bytes\n");
    while (fgetws(text, 64, stdin))
        wprintf(L"[%d] %s", (int)wcslen(text), text);
    return failed;
}
