/* FormatMessage: system texts, inserts from an array and from arguments, buffers, lines, and what fails. */
#include "scenario.h"

static char text[512];

/* The text as it is, with line breaks shown. */
static void say(const char *what, DWORD length)
{
    char shown[600], *to = shown;
    const char *from;
    for (from = text; length && *from; from++) {
        if (*from == '\r' || *from == '\n' || *from == '\t') {
            *to++ = '\\';
            *to++ = *from == '\r' ? 'r' : *from == '\n' ? 'n' : 't';
        } else
            *to++ = *from;
    }
    *to = 0;
    if (length)
        SAY(what, "%lu [%s]", (unsigned long)length, shown);
    else
        SAY(what, "0, error %lu", (unsigned long)GetLastError());
}

static DWORD with_arguments(DWORD flags, const char *source, ...)
{
    DWORD length;
    va_list arguments;
    va_start(arguments, source);
    length = FormatMessageA(FORMAT_MESSAGE_FROM_STRING | flags, source, 0, 0, text, sizeof text, &arguments);
    va_end(arguments);
    return length;
}

static DWORD with_array(DWORD flags, const char *source)
{
    DWORD_PTR array[3] = {(DWORD_PTR) "one", (DWORD_PTR) "two", 3};
    return FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY | flags, source, 0, 0, text,
                          sizeof text, (va_list *)array);
}

int main(void)
{
    char *own = NULL;
    DWORD length;

    say("text", with_arguments(0, "plain"));
    say("two inserts", with_arguments(0, "%2 and %1", "first", "second"));
    say("with formats", with_arguments(0, "%1!s! %2!d! %3!08x! %4!c!", "text", -5, 0xBEEF, 'c'));
    say("unsigned and wide", with_arguments(0, "%1!u! %2!S!", 4000000000u, L"w"));
    say("from an array", with_array(0, "%1 %2 %3!d!"));
    say("one twice", with_array(0, "%1 %1"));
    say("width", with_array(0, "[%1!5s!] [%3!5d!] [%3!05d!]"));
    say("escapes", with_arguments(0, "a%nb%tc%%d%!e%.f% g"));
    say("end", with_arguments(0, "before%0after"));
    say("inserts ignored", with_arguments(FORMAT_MESSAGE_IGNORE_INSERTS, "%1 %2!d! %% x"));
    say("line breaks", with_arguments(0, "one\r\ntwo\nthree"));
    say("in one line", with_arguments(FORMAT_MESSAGE_MAX_WIDTH_MASK, "one\r\ntwo\nthree%nfour"));

    N(FormatMessageA(FORMAT_MESSAGE_FROM_STRING, "longer", 0, 0, text, 4, NULL));
    N(FormatMessageA(FORMAT_MESSAGE_FROM_STRING, "long", 0, 0, text, 5, NULL));
    SAY("error of the first", "%lu",
        (SetLastError(0), FormatMessageA(FORMAT_MESSAGE_FROM_STRING, "longer", 0, 0, text, 4, NULL),
         (unsigned long)GetLastError()));
    say("unknown code", FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, 0x3FFFFFFF, 0,
                                       text, sizeof text, NULL));
    say("no source", FormatMessageA(0, NULL, 5, 0, text, sizeof text, NULL));

    length = FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ALLOCATE_BUFFER, "its own", 0, 0, (LPSTR)&own, 0,
                            NULL);
    SAY("allocated", "%lu %s", (unsigned long)length, own);
    P(LocalFree(own));

    /* Wine has texts of its own: those of Windows. */
#define SYSTEM(code, expected)                                                                                             \
    length = FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, code,                        \
                            MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT), text, sizeof text, NULL);                           \
    text[length > 2 ? length - 2 : 0] = 0;                                                                                 \
    ROW_SAY(expected, "system " #code, "%s", text)
    SYSTEM(0, "The operation completed successfully.");
    SYSTEM(2, "The system cannot find the file specified.");
    SYSTEM(5, "Access is denied.");
    SYSTEM(6, "The handle is invalid.");
    SYSTEM(87, "The parameter is incorrect.");
    SYSTEM(183, "Cannot create a file when that file already exists.");
    SYSTEM(487, "Attempt to access invalid address.");
    SYSTEM(998, "Invalid access to memory location.");
    SYSTEM(1460, "This operation returned because the timeout period expired.");
    return 0;
}
