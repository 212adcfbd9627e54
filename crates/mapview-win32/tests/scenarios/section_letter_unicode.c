/* Process A writes a letter, process B reads it, through a mapping with a Unicode name. Contract: names; W functions. */
#include "sections.h"

#define LETTER_NAME TEXT("Local\\section-letter \x4fe1 \xd83d\xdc8c \x00e9")
#define LETTER TEXT("Dear B, \x4f60\x597d. Yours, \x0391")

static void *map(HANDLE section, DWORD access)
{
    void *view = MapViewOfFile(section, access, 0, 0, 0);
    MUST(view);
    return view;
}

static int b(void)
{
    HANDLE section = OpenFileMappingW(FILE_MAP_READ, FALSE, LETTER_NAME);
    const WCHAR *letter;
    size_t same = 0;
    MUST(section);
    letter = map(section, FILE_MAP_READ);
    while (letter[same] == LETTER[same] && letter[same])
        same++;
    SAY("B reads", "%lu units, last 0x%x, then %d", (unsigned long)same, letter[same - 1], letter[same]);
    SAY("and cannot answer", "%s", MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0) ? "but can" : "indeed");
    return (int)same;
}

int main(int count, char **arguments)
{
    HANDLE section;
    if (count > 1 && strcmp(arguments[1], "b") == 0)
        return b();
    H(OpenFileMapping(FILE_MAP_READ, FALSE, LETTER_NAME));
    section = H(CreateFileMapping(MEMORY, NULL, PAGE_READWRITE, 0, 1024, LETTER_NAME));
    memcpy(map(section, FILE_MAP_WRITE), LETTER, sizeof LETTER);
    SAY("B ends with", "%lu", (unsigned long)scenario_finish(scenario_start_process("b")));
    SAY("the letter is as it was", "%d", memcmp(map(section, FILE_MAP_READ), LETTER, sizeof LETTER) == 0);
    H(CreateFileMapping(MEMORY, NULL, PAGE_READWRITE, 0, 1024, TEXT("section-letter \x4fe1 \xd83d\xdc8c \x00e9")));
    H(OpenFileMapping(FILE_MAP_READ, FALSE, TEXT("section-letter \x4fe1 \xd83d\xdc8c e\x0301"))); /* not normalised */
    H(OpenFileMapping(FILE_MAP_READ, FALSE, TEXT("Section-letter \x4fe1 \xd83d\xdc8c \x00e9")));
    return 0;
}
