/* What can be asked about processes: a snapshot of all, where a program lies, times, priority, handles, privileges.
 * Libraries: advapi32 psapi */
#include "starting.h"
#include <psapi.h>
#include <sddl.h>
#include <tlhelp32.h>

static const char *file_of(const char *path)
{
    const char *at = path + strlen(path);
    while (at > path && at[-1] != '/' && at[-1] != '\\')
        at--;
    return at;
}

static void snapshot(DWORD child)
{
    PROCESSENTRY32 entry;
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    char own[MAX_PATH];
    int found = 0, is_child = 0, same_name = 0;
    MUST(GetModuleFileNameA(NULL, own, sizeof own));
    memset(&entry, 0, sizeof entry);
    entry.dwSize = 8;
    B(Process32First(all, &entry));
    entry.dwSize = sizeof entry;
    B(Process32First(all, &entry));
    do {
        if (entry.th32ProcessID == child) {
            found++;
            is_child = entry.th32ParentProcessID == GetCurrentProcessId();
            same_name = strcmp(entry.szExeFile, file_of(own)) == 0;
        }
    } while (Process32Next(all, &entry));
    SAY("at the end", "%lu", (unsigned long)GetLastError());
    SAY("child", "found %d, ours %d, same program %d", found, is_child, same_name);
    B(Process32First(all, &entry));
    B(SetEvent(all));
    B(CloseHandle(all));
    B(Process32First(all, &entry));
}

static void privileges(void)
{
    TOKEN_PRIVILEGES wanted;
    HANDLE token = NULL;
    B(LookupPrivilegeValueA(NULL, "SeNoSuchPrivilege", &wanted.Privileges[0].Luid));
    B(LookupPrivilegeValueA(NULL, SE_LOCK_MEMORY_NAME, &wanted.Privileges[0].Luid));
    SAY("lock memory", "%lu %ld", wanted.Privileges[0].Luid.LowPart + 0ul, wanted.Privileges[0].Luid.HighPart + 0l);
    B(LookupPrivilegeValueA(NULL, "sedebugprivilege", &wanted.Privileges[0].Luid));
    SAY("debug", "%lu", wanted.Privileges[0].Luid.LowPart + 0ul);
    B(OpenProcessToken(NULL, TOKEN_QUERY, &token));
    B(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
    wanted.PrivilegeCount = 1;
    wanted.Privileges[0].Luid.LowPart = 23; /* SeChangeNotifyPrivilege, which everybody has */
    wanted.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    B(AdjustTokenPrivileges(token, FALSE, &wanted, 0, NULL, NULL));
    B(CloseHandle(token));
    B(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, &token));
    MUST(AdjustTokenPrivileges(token, FALSE, &wanted, 0, NULL, NULL));
    SAY("held", "%lu", (unsigned long)GetLastError());
    wanted.Privileges[0].Luid.LowPart = 2; /* SeCreateTokenPrivilege, which nobody has */
    MUST(AdjustTokenPrivileges(token, FALSE, &wanted, 0, NULL, NULL));
    SAY("not held", "%lu", (unsigned long)GetLastError());
    B(CloseHandle(token));
}

static void descriptors(void)
{
    SECURITY_DESCRIPTOR own;
    PSECURITY_DESCRIPTOR descriptor = NULL;
    SECURITY_ATTRIBUTES attributes = { sizeof attributes, &own, FALSE };
    B(InitializeSecurityDescriptor(&own, 2));
    B(InitializeSecurityDescriptor(&own, SECURITY_DESCRIPTOR_REVISION));
    B(SetSecurityDescriptorDacl(&own, TRUE, NULL, FALSE));
    B(IsValidSecurityDescriptor(&own));
    CloseHandle(H(CreateEventA(&attributes, FALSE, FALSE, NAME("everybody's"))));
    B(ConvertStringSecurityDescriptorToSecurityDescriptorA("D:(A;;GA;;;WD)", SDDL_REVISION_1, &descriptor, NULL));
    B(IsValidSecurityDescriptor(descriptor));
    attributes.lpSecurityDescriptor = descriptor;
    CloseHandle(H(CreateMutexA(&attributes, FALSE, NAME("mutex"))));
    SAY("freed", "%s", LocalFree(descriptor) ? "no" : "yes");
    B(ConvertStringSecurityDescriptorToSecurityDescriptorA("D:(A;;GA;;;WD)", 7, &descriptor, NULL));
}

int main(int count, char **arguments)
{
    PROCESS_INFORMATION child;
    STARTUPINFOA startup = starting_plain();
    FILETIME created, ended, kernel, user, now;
    DWORD pids[4096], size, handles = 0, more = 0;
    char name[MAX_PATH], own[MAX_PATH];
    unsigned index, seen = 0;
    BOOL wow = TRUE;
    (void)arguments;
    if (count > 1) {
        Sleep(INFINITE);
        return 0;
    }
    child = starting_again("child", FALSE, 0, &startup);
    snapshot(child.dwProcessId);
    MUST(EnumProcesses(pids, sizeof pids, &size));
    for (index = 0; index < size / sizeof pids[0]; index++)
        seen += pids[index] == child.dwProcessId || pids[index] == GetCurrentProcessId();
    SAY("enumerated", "%u", seen);

    MUST(GetModuleFileNameA(NULL, own, sizeof own));
    size = sizeof name;
    B(QueryFullProcessImageNameA(child.hProcess, 0, name, &size));
    SAY("same file", "%s", strcmp(file_of(name), file_of(own)) == 0 && size == strlen(name) ? "yes" : "no");
    size = 3;
    B(QueryFullProcessImageNameA(child.hProcess, 0, name, &size));
    GetSystemTimeAsFileTime(&now);
    B(GetProcessTimes(child.hProcess, &created, &ended, &kernel, &user));
    SAY("started", "%s", CompareFileTime(&created, &now) <= 0 ? "before" : "later");
    N(GetPriorityClass(child.hProcess));
    B(SetPriorityClass(child.hProcess, BELOW_NORMAL_PRIORITY_CLASS));
    N(GetPriorityClass(child.hProcess));
    B(SetPriorityClass(child.hProcess, 0x12345));
    B(GetProcessHandleCount(GetCurrentProcess(), &handles));
    CreateEventA(NULL, FALSE, FALSE, NULL);
    B(GetProcessHandleCount(GetCurrentProcess(), &more));
    /* Wine 8 does not count. */
    ROW_SAY("1", "one more", "%ld", (long)(more - handles));
    B(IsWow64Process(GetCurrentProcess(), &wow));
    SAY("32 bits", "%d", wow);
    B(IsWow64Process(NULL, &wow));
    N(GetPriorityClass(NULL));
    MUST(TerminateProcess(child.hProcess, 0));
    MUST(WaitForSingleObject(child.hProcess, 60000) == WAIT_OBJECT_0);

    /* Wine 8 leaves the priority out. */
    child = starting_again("child", FALSE, CREATE_SUSPENDED | IDLE_PRIORITY_CLASS, &startup);
    ROW_N("0x40", GetPriorityClass(child.hProcess));
    MUST(TerminateProcess(child.hProcess, 0));

    privileges();
    descriptors();
    return 0;
}
