// The sample that everybody starts with: one process puts a message, another one shows it.
#include <windows.h>
#include <stdio.h>
#include <conio.h>
#include <tchar.h>

#define BUF_SIZE 256
TCHAR szName[] = TEXT("Local\\GenericTextMappingObject");
TCHAR szMsg[] = TEXT("Message from one.");

int _tmain(int argc, TCHAR *argv[])
{
    HANDLE hMapFile;
    LPTSTR pBuf;

    if (argc < 2)
    {
        hMapFile = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, BUF_SIZE * sizeof(TCHAR), szName);
        if (hMapFile == NULL)
        {
            _tprintf(TEXT("Could not create file mapping object (%d).\n"), GetLastError());
            return 1;
        }
        pBuf = (LPTSTR)MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE);
        if (pBuf == NULL)
        {
            _tprintf(TEXT("Could not map view of file (%d).\n"), GetLastError());
            CloseHandle(hMapFile);
            return 1;
        }
        CopyMemory((PVOID)pBuf, szMsg, sizeof(szMsg));
        _tprintf(TEXT("first: %d units\n"), (int)_tcslen(pBuf));
        fflush(stdout);

        TCHAR szProgram[MAX_PATH], szCommand[2 * MAX_PATH];
        STARTUPINFO si;
        PROCESS_INFORMATION pi;
        ZeroMemory(&si, sizeof(si));
        si.cb = sizeof(si);
        GetModuleFileName(NULL, szProgram, MAX_PATH);
        _stprintf_s(szCommand, 2 * MAX_PATH, TEXT("\"%s\" %s"), szProgram, TEXT("second"));
        if (!CreateProcess(NULL, szCommand, NULL, NULL, FALSE, 0, NULL, NULL, &si, &pi))
        {
            _tprintf(TEXT("CreateProcess failed (%d).\n"), GetLastError());
            return 1;
        }
        WaitForSingleObject(pi.hProcess, INFINITE);
        CloseHandle(pi.hProcess);
        CloseHandle(pi.hThread);
    }
    else
    {
        hMapFile = OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, szName);
        if (hMapFile == NULL || _tcscmp(argv[1], _T("second")) != 0)
            return 2;
        pBuf = (LPTSTR)MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE);
        MessageBox(NULL, pBuf, TEXT("Process2"), MB_OK);
        _tprintf(TEXT("second: %.7s, %d units\n"), pBuf, (int)_tcslen(pBuf));
    }
    UnmapViewOfFile(pBuf);
    CloseHandle(hMapFile);
    return 0;
}
