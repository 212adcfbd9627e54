/* A file that a child inherits: one position, one place among those who share it, one end. */
#include "scenario.h"

static void get(HANDLE file)
{
    char text[8] = "";
    DWORD done = 0;
    B(ReadFile(file, text, 3, &done, NULL));
    SAY("got", "\"%s\"", text);
}

static void there(const char *name)
{
    SAY(name, "%s", GetFileAttributesA(name) == INVALID_FILE_ATTRIBUTES ? "gone" : "there");
}

int main(int argc, char **argv)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    HANDLE file, kept, ready, go;
    DWORD done;
    if (argc > 1) {
        unsigned long value;
        MUST(sscanf(argv[1], "%lu", &value) == 1);
        file = (HANDLE)(ULONG_PTR)value;
        get(file);
        B(WriteFile(file, "child", 5, &done, NULL));
        MUST((ready = OpenEventA(EVENT_ALL_ACCESS, FALSE, NAME("ready"))) && (go = OpenEventA(EVENT_ALL_ACCESS, FALSE, NAME("go"))));
        fflush(stdout);
        MUST(SetEvent(ready) && WaitForSingleObject(go, 60000) == WAIT_OBJECT_0);
        return 3;
    }
    MUST((ready = CreateEventA(NULL, FALSE, FALSE, NAME("ready"))) && (go = CreateEventA(NULL, FALSE, FALSE, NAME("go"))));

    file = H(CreateFileA("i", GENERIC_READ | GENERIC_WRITE | DELETE, FILE_SHARE_READ, &inherit, CREATE_NEW, 0, NULL));
    kept = H(CreateFileA("k", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL));
    B(WriteFile(file, "0123456789", 10, &done, NULL));
    N(SetFilePointer(file, 1, NULL, FILE_BEGIN));

    char value[32];
    snprintf(value, sizeof value, "%lu", (unsigned long)(ULONG_PTR)file);
    HANDLE child = scenario_start_process(value);
    MUST(WaitForSingleObject(ready, 60000) == WAIT_OBJECT_0);
    N(SetFilePointer(file, 0, NULL, FILE_CURRENT));
    B(CloseHandle(file));
    B(CloseHandle(kept));
    H(CreateFileA("i", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL));
    kept = H(CreateFileA("k", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE, NULL));
    MUST(SetEvent(go));
    N(scenario_finish(child));
    file = H(CreateFileA("i", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL));
    N(SetFilePointer(file, 4, NULL, FILE_BEGIN));
    get(file);
    B(CloseHandle(kept));
    there("k");

    /* The last one to close it deletes it, and that is the child. */
    file = H(CreateFileA("d", GENERIC_READ | GENERIC_WRITE, 0, &inherit, CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE, NULL));
    B(WriteFile(file, "0123456789", 10, &done, NULL));
    N(SetFilePointer(file, 0, NULL, FILE_BEGIN));
    snprintf(value, sizeof value, "%lu", (unsigned long)(ULONG_PTR)file);
    child = scenario_start_process(value);
    MUST(WaitForSingleObject(ready, 60000) == WAIT_OBJECT_0);
    B(CloseHandle(file));
    there("d");
    MUST(SetEvent(go));
    N(scenario_finish(child));
    there("d");

    /* Ended by force, it lets go of everything all the same. */
    file = H(CreateFileA("t", GENERIC_READ | GENERIC_WRITE, 0, &inherit, CREATE_NEW, 0, NULL));
    B(WriteFile(file, "0123456789", 10, &done, NULL));
    N(SetFilePointer(file, 0, NULL, FILE_BEGIN));
    snprintf(value, sizeof value, "%lu", (unsigned long)(ULONG_PTR)file);
    child = scenario_start_process(value);
    MUST(WaitForSingleObject(ready, 60000) == WAIT_OBJECT_0);
    B(CloseHandle(file));
    H(CreateFileA("t", GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL));
    B(TerminateProcess(child, 5));
    N(scenario_finish(child));
    H(CreateFileA("t", GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL));
    return 0;
}
