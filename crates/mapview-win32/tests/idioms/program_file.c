/* Reads the headers of a program file (PE) through a mapping, after writing a small one. */
#include <windows.h>
#include <stdio.h>

static void write_program(void)
{
    struct {
        IMAGE_DOS_HEADER dos;
        IMAGE_NT_HEADERS nt;
        IMAGE_SECTION_HEADER section;
    } file;
    DWORD written;
    HANDLE handle = CreateFile("small.exe", GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    ZeroMemory(&file, sizeof(file));
    file.dos.e_magic = IMAGE_DOS_SIGNATURE;
    file.dos.e_lfanew = FIELD_OFFSET(IMAGE_NT_HEADERS, Signature) + (LONG)((char *)&file.nt - (char *)&file);
    file.nt.Signature = IMAGE_NT_SIGNATURE;
    file.nt.FileHeader.Machine = IMAGE_FILE_MACHINE_AMD64;
    file.nt.FileHeader.NumberOfSections = 1;
    file.nt.FileHeader.SizeOfOptionalHeader = sizeof(IMAGE_OPTIONAL_HEADER);
    file.nt.OptionalHeader.Magic = IMAGE_NT_OPTIONAL_HDR_MAGIC;
    CopyMemory(file.section.Name, ".text", 5);
    file.section.VirtualAddress = 0x1000;
    WriteFile(handle, &file, sizeof(file), &written, NULL);
    CloseHandle(handle);
}

int main(void)
{
    HANDLE hFile, hMapping;
    PBYTE pBase;
    PIMAGE_NT_HEADERS pNt;
    PIMAGE_SECTION_HEADER pSection;

    write_program();
    hFile = CreateFile("small.exe", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    hMapping = CreateFileMapping(hFile, NULL, PAGE_READONLY, 0, 0, NULL);
    pBase = (PBYTE)MapViewOfFile(hMapping, FILE_MAP_READ, 0, 0, 0);
    if (pBase == NULL || ((PIMAGE_DOS_HEADER)pBase)->e_magic != IMAGE_DOS_SIGNATURE)
        return 1;
    pNt = (PIMAGE_NT_HEADERS)(pBase + ((PIMAGE_DOS_HEADER)pBase)->e_lfanew);
    pSection = IMAGE_FIRST_SECTION(pNt);
    printf("%s at 0x%x, machine 0x%x\n", pSection->Name, (unsigned)pSection->VirtualAddress, pNt->FileHeader.Machine);
    UnmapViewOfFile(pBase);
    CloseHandle(hMapping);
    CloseHandle(hFile);
    return 0;
}
