/* Which names there are, and which of them mean the same object. Contract: names. */
/* Libraries: mincore */
#include "scenario.h"

static char text[40000];
static WCHAR wide[40000];

static const char *a_name(int length)
{
    memset(text, 'n', length);
    memcpy(text, NAME("A"), strlen(NAME("A")));
    text[length] = 0;
    return text;
}

static const WCHAR *w_name(int length)
{
    int i;
    a_name(length);
    for (i = 0; i <= length; i++)
        wide[i] = (WCHAR)text[i];
    return wide;
}

/* What a name leads to: "new" or "old" event, or the error. */
static void try_name(const char *what, const char *name)
{
    HANDLE created, opened;
    SetLastError(UNTOUCHED);
    created = CreateEventA(NULL, TRUE, FALSE, name);
    SAY(what, "create %s %lu", created ? "handle" : "NULL", (unsigned long)GetLastError());
    SetLastError(UNTOUCHED);
    opened = OpenEventA(EVENT_ALL_ACCESS, FALSE, name);
    SAY(what, "open %s %lu", opened ? "handle" : "NULL", (unsigned long)GetLastError());
    if (created)
        CloseHandle(created);
    if (opened)
        CloseHandle(opened);
}

int main(void)
{
    HANDLE one, other;

    one = H(CreateMutexA(NULL, FALSE, NAME("name")));
    H(CreateMutexA(NULL, FALSE, "Local\\" NAME("name")));
    H(CreateMutexW(NULL, FALSE, u"" SCENARIO u"-name"));
    other = H(OpenMutexW(MUTEX_ALL_ACCESS, FALSE, u"Local\\" SCENARIO u"-name"));
    B(CompareObjectHandles(one, other));
    H(CreateMutexA(NULL, FALSE, NAME("Name")));
    other = H(CreateMutexA(NULL, FALSE, "Global\\" NAME("name")));
    B(CompareObjectHandles(one, other));
    H(OpenMutexA(MUTEX_ALL_ACCESS, FALSE, "Global\\" NAME("missing")));

    one = H(CreateEventA(NULL, FALSE, FALSE, ""));
    other = H(CreateEventA(NULL, FALSE, FALSE, ""));
    B(CompareObjectHandles(one, other));
    H(OpenEventA(EVENT_ALL_ACCESS, FALSE, ""));
    H(OpenEventA(EVENT_ALL_ACCESS, FALSE, NULL));
    H(OpenEventW(EVENT_ALL_ACCESS, FALSE, NULL));
    H(OpenSemaphoreW(SEMAPHORE_ALL_ACCESS, FALSE, u""));
    H(OpenMutexW(MUTEX_ALL_ACCESS, FALSE, u""));

    try_name("lower-case prefix", "local\\" NAME("x"));
    try_name("upper-case prefix", "GLOBAL\\" NAME("x"));
    try_name("backslash", NAME("a\\b"));
    try_name("backslash behind a prefix", "Local\\" NAME("a\\b"));
    try_name("backslash at the end", NAME("a\\"));
    try_name("backslash at the start", "\\" NAME("a"));
    try_name("prefix alone", "Local\\");
    try_name("other prefix alone", "Global\\");
    try_name("link", "Local");
    try_name("other link", "Global");
    try_name("link in link", "Local\\Local\\" NAME("x"));
    try_name("global in local", "Local\\Global\\" NAME("x"));
    try_name("legal signs", NAME("/ : * ? \" < > | . .. \t\x01"));
    try_name("not ASCII", NAME("gr\xc3\xbc\xc3\x9f"));

    H(CreateEventA(NULL, FALSE, FALSE, a_name(259)));
    H(OpenEventA(EVENT_ALL_ACCESS, FALSE, a_name(259)));
    H(CreateEventA(NULL, FALSE, FALSE, a_name(260)));
    H(CreateEventA(NULL, FALSE, FALSE, a_name(261)));
    H(CreateMutexA(NULL, FALSE, a_name(261)));
    H(CreateSemaphoreA(NULL, 0, 1, a_name(300)));
    H(OpenEventA(EVENT_ALL_ACCESS, FALSE, a_name(261)));
    H(OpenMutexA(MUTEX_ALL_ACCESS, FALSE, a_name(260)));
    H(CreateEventW(NULL, FALSE, FALSE, w_name(259)));
    H(CreateEventW(NULL, FALSE, FALSE, w_name(300)));
    H(OpenEventW(EVENT_ALL_ACCESS, FALSE, w_name(300)));
    H(CreateMutexW(NULL, FALSE, w_name(32000)));
    return 0;
}
