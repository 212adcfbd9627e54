/* Modules: the program, this library, names that do not exist, addresses of functions. */
#include "scenario.h"

typedef DWORD(WINAPI *GetId)(void);

static int here;

int main(void)
{
    char path[2 * MAX_PATH];
    HMODULE program = GetModuleHandleA(NULL), kernel = GetModuleHandleA("kernel32.dll"), module = NULL;
    GetId get_id;
    DWORD length = GetModuleFileNameA(NULL, path, sizeof path);

    SAY("handles", "%d %d %d", program != NULL, kernel != NULL, program != kernel);
    SAY("names", "%d %d", GetModuleHandleA("KERNEL32") == kernel, GetModuleHandleA("Kernel32.DLL") == kernel);
    SAY("path", "%d %d", length > 0, length == strlen(path));
    N(GetModuleFileNameA(NULL, path, 4));
    ROW_SAY("3 122", "cut and ended", "%d %lu", (int)strlen(path), (unsigned long)GetLastError());
    H(GetModuleHandleA("mapview-not-there.dll"));
    H(LoadLibraryA("mapview-not-there.dll"));
    H(LoadLibraryA("kernel32.dll"));
    SAY("the same", "%d", LoadLibraryA("kernel32") == kernel);
    B(FreeLibrary(kernel));
    B(FreeLibrary(NULL));

    get_id = (GetId)(void *)GetProcAddress(kernel, "GetCurrentProcessId");
    SAY("GetProcAddress", "%d", get_id != NULL && get_id() == GetCurrentProcessId());
    SAY("CreateFileMappingW", "%d", GetProcAddress(kernel, "CreateFileMappingW") != NULL);
    P(GetProcAddress(kernel, "MapviewNotThere"));
    P(GetProcAddress(kernel, "getcurrentprocessid"));
    P(GetProcAddress(kernel, "printf"));
    P(GetProcAddress(program, "MapviewNotThere"));

    B(GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                         (LPCSTR)(void *)&here, &module));
    SAY("the program", "%d", module == program);
    B(GetModuleHandleExA(0, "mapview-not-there.dll", &module));
    SAY("none", "%d", module == NULL);
    B(GetModuleHandleExA(0, NULL, &module));
    SAY("the program", "%d", module == program);
    return 0;
}
