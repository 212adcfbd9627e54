/* Environment variables: reading, writing, sizes, and what fails. */
#include "scenario.h"

int main(void)
{
    char text[64];
    char *block, *each;
    int found = 0;

    N(GetEnvironmentVariableA("MAPVIEW_NOT_THERE", text, sizeof text));
    SAY("its error", "%lu", (unsigned long)GetLastError());
    B(SetEnvironmentVariableA("MAPVIEW_SCENARIO", "value"));
    N(GetEnvironmentVariableA("MAPVIEW_SCENARIO", text, sizeof text));
    SAY("value", "%s", text);
    N(GetEnvironmentVariableA("MAPVIEW_SCENARIO", text, 5));
    N(GetEnvironmentVariableA("MAPVIEW_SCENARIO", text, 6));
    N(GetEnvironmentVariableA("MAPVIEW_SCENARIO", NULL, 0));
    N(GetEnvironmentVariableA("mapview_scenario", text, sizeof text));
    SAY("another case", "%s", text);
    B(SetEnvironmentVariableA("MAPVIEW_Scenario", "changed"));
    N(GetEnvironmentVariableA("MAPVIEW_SCENARIO", text, sizeof text));
    SAY("value", "%s", text);

    N(ExpandEnvironmentStringsA("<%MAPVIEW_SCENARIO%>", text, sizeof text));
    SAY("expanded", "%s", text);
    N(ExpandEnvironmentStringsA("%MAPVIEW_NOT_THERE% 100%", text, sizeof text));
    SAY("expanded", "%s", text);
    SAY("needed", "%lu", (unsigned long)ExpandEnvironmentStringsA("%MAPVIEW_SCENARIO%", NULL, 0));

    block = GetEnvironmentStringsA();
    for (each = block; *each; each += strlen(each) + 1)
        if (strstr(each, "=changed"))
            found++;
    SAY("in the block", "%d", found);
    B(FreeEnvironmentStringsA(block));

    B(SetEnvironmentVariableA("MAPVIEW_SCENARIO", NULL));
    N(GetEnvironmentVariableA("MAPVIEW_SCENARIO", text, sizeof text));
    B(SetEnvironmentVariableA("MAPVIEW_SCENARIO", NULL));
    B(SetEnvironmentVariableA("", "value"));
    B(SetEnvironmentVariableA("MAPVIEW=X", "value"));
    B(SetEnvironmentVariableA("MAPVIEW_EMPTY", ""));
    SetLastError(UNTOUCHED);
    SAY("an empty one", "%lu", (unsigned long)GetEnvironmentVariableA("MAPVIEW_EMPTY", text, 1));
    SAY("its error is not 203", "%d", GetLastError() != 203);
    return 0;
}
