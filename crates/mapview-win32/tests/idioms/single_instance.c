/* A mutex for everybody tells whether the program runs already; errors are shown in words. */
#include <windows.h>
#include <stdio.h>

static void show(DWORD error)
{
    LPVOID text = NULL;
    FormatMessage(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, error,
                  MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT), (LPTSTR)&text, 0, NULL);
    if (text != NULL)
        lstrcpyA(strchr((char *)text, '\r') ? strchr((char *)text, '\r') : (char *)text, "");
    printf("%s\n", text ? (const char *)text : "?");
    LocalFree(text);
}

int main(void)
{
    SECURITY_DESCRIPTOR sd;
    SECURITY_ATTRIBUTES sa;
    HANDLE first, second;
    DWORD error;

    InitializeSecurityDescriptor(&sd, SECURITY_DESCRIPTOR_REVISION);
    SetSecurityDescriptorDacl(&sd, TRUE, NULL, FALSE);
    sa.nLength = sizeof(sa);
    sa.lpSecurityDescriptor = &sd;
    sa.bInheritHandle = FALSE;

    SetLastError(0);
    first = CreateMutex(&sa, FALSE, TEXT("Local\\SingleInstance"));
    printf("first %d\n", (int)GetLastError());
    second = CreateMutex(&sa, FALSE, TEXT("Local\\SingleInstance"));
    error = GetLastError();
    printf("second %d\n", (int)error);
    show(error);
    CloseHandle(second);
    CloseHandle(first);
    return 0;
}
