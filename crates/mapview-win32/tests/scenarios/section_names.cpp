// Names of mappings: A and W meet, other kinds collide, prefixes, lengths. Contract: names.
#include "sections.h"

#include <string>

// Windows has 16 bits for wchar_t, Linux 32.
#ifdef _WIN32
#define WIDE(text) L##text
#else
#define WIDE(text) u##text
#endif

static HANDLE create(const char *name)
{
    return CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 100, name);
}

static HANDLE createW(const WCHAR *name)
{
    return CreateFileMappingW(MEMORY, NULL, PAGE_READWRITE, 0, 100, name);
}

static HANDLE open(const char *name)
{
    return OpenFileMappingA(FILE_MAP_READ, FALSE, name);
}

static HANDLE long_name(size_t length)
{
    return create((std::string("section_names-") + std::string(length - 14, 'n')).c_str());
}

static HANDLE long_nameW(size_t length)
{
    std::basic_string<WCHAR> name(length, WCHAR('w'));
    return createW(name.c_str());
}

int main()
{
    HANDLE letter = H(create(NAME("both")));
    HANDLE other = H(OpenFileMappingW(FILE_MAP_WRITE, FALSE, WIDE("section_names-both")));
    strcpy((char *)MapViewOfFile(other, FILE_MAP_WRITE, 0, 0, 0), "written under the wide name");
    SAY("read under the narrow one", "%s", (char *)MapViewOfFile(letter, FILE_MAP_READ, 0, 0, 0));
    H(createW(WIDE("Local\\section_names-both")));
    H(open("Local\\" NAME("both")));
    H(open(NAME("Both")));

    // Nothing but the backslash is special.
    H(create(NAME("a/b:c*d?e\"f<g>h|i .. ")));
    H(open(NAME("a/b:c*d?e\"f<g>h|i .. ")));
    H(create(NAME("\x01\x7f")));
    H(create("section_names\\a"));
    H(create("Local\\section_names\\a"));
    H(create("local\\section_names"));
    H(open("LOCAL\\section_names"));
    H(create("\\section_names"));
    H(create("Local\\"));
    H(open("Local\\"));
    H(create("Local"));
    H(create("Global"));
    H(open("section_names\\"));

    // All kinds share the names.
    H(create(NAME("mapping")));
    H(CreateEventA(NULL, FALSE, FALSE, NAME("event")));
    H(CreateMutexA(NULL, FALSE, NAME("mutex")));
    H(CreateSemaphoreA(NULL, 0, 1, NAME("semaphore")));
    H(create(NAME("event")));
    H(create(NAME("mutex")));
    H(create(NAME("semaphore")));
    H(open(NAME("event")));
    H(open(NAME("mutex")));
    H(open(NAME("semaphore")));
    H(CreateEventA(NULL, FALSE, FALSE, NAME("mapping")));
    H(CreateMutexA(NULL, FALSE, NAME("mapping")));
    H(CreateSemaphoreA(NULL, 0, 1, NAME("mapping")));
    H(OpenEventA(EVENT_ALL_ACCESS, FALSE, NAME("mapping")));
    H(OpenMutexA(MUTEX_ALL_ACCESS, FALSE, NAME("mapping")));
    H(OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, NAME("mapping")));

    // Lengths.
    H(long_name(259));
    H(long_name(260));
    H(long_name(261));
    H(long_name(1000));
    H(open(std::string(300, 'x').c_str()));
    H(long_nameW(300));
    H(long_nameW(32000));
    ROW_H("NULL 123", long_nameW(33000));
    return 0;
}
