/* Functions that know how much room there is. */
#include "scenario.h"

int main(void)
{
    char text[8] = "", *next = NULL, list[] = "a,b;c", bytes[4];

    SAY("strcpy_s", "%d %s", strcpy_s(text, sizeof text, "seven77"), text);
    SAY("strcpy_s, empty", "%d [%s]", strcpy_s(text, sizeof text, ""), text);
    SAY("strcat_s", "%d %s", strcat_s(text, sizeof text, "abc"), text);
    SAY("strcat_s", "%d %s", strcat_s(text, sizeof text, "defg"), text);
    SAY("strncpy_s", "%d %s", strncpy_s(text, sizeof text, "abcdef", 3), text);
    SAY("strncpy_s, cut", "%d %s", strncpy_s(text, 4, "abcdef", _TRUNCATE), text);
    SAY("strncat_s", "%d %s", strncat_s(text, sizeof text, "xyz", 2), text);
    SAY("strncat_s, cut", "%d %s", strncat_s(text, sizeof text, "123456789", _TRUNCATE), text);
    SAY("strtok_s", "%s", strtok_s(list, ",;", &next));
    SAY("strtok_s", "%s", strtok_s(NULL, ",;", &next));
    SAY("strtok_s", "%s", strtok_s(NULL, ",;", &next));
    SAY("strtok_s", "%d", strtok_s(NULL, ",;", &next) == NULL);
    SAY("memcpy_s", "%d", memcpy_s(bytes, sizeof bytes, "abc", 4));
    SAY("bytes", "%s", bytes);
    SAY("sprintf_s", "%d %s", sprintf_s(text, sizeof text, "%d-%s", 12, "ab"), text);
    SAY("_snprintf_s, cut", "%d", _snprintf_s(text, sizeof text, _TRUNCATE, "%s", "123456789"));
    SAY("text", "%s", text);
    SAY("_snprintf_s, count", "%d", _snprintf_s(text, sizeof text, 3, "%s", "123456789"));
    SAY("text", "%s", text);
    SAY("_stricmp", "%d %d", _stricmp("HELLO", "hello"), _stricmp("a", "B") < 0);
    SAY("_strnicmp", "%d", _strnicmp("HELLO", "help", 3));
    SAY("_itoa", "%s", _itoa(-42, text, 10));
    SAY("_itoa, 16", "%s", _itoa(255, text, 16));
    SAY("itoa, 2", "%s", itoa(5, text, 2));
    SAY("_ui64toa", "%s", _ui64toa(1234567, text, 10));
    SAY("_atoi64", "%d", _atoi64("-9876543210") == -9876543210ll);
    SAY("_strupr", "%s", _strupr(strcpy(text, "abC1")));
    SAY("_strlwr", "%s", _strlwr(text));
    SAY("_strrev", "%s", _strrev(text));
    return 0;
}
