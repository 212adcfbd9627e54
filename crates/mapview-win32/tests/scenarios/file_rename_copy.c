/* Moving, replacing and copying files and folders. */
#include "scenario.h"

static void put(const char *name, const char *text)
{
    DWORD done;
    HANDLE file = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    MUST(file != INVALID_HANDLE_VALUE && WriteFile(file, text, (DWORD)strlen(text), &done, NULL));
    CloseHandle(file);
}

static void show(const char *name)
{
    char text[64] = "";
    DWORD done = 0;
    HANDLE file = CreateFileA(name, GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        SAY(name, "none %lu", (unsigned long)GetLastError());
        return;
    }
    MUST(ReadFile(file, text, sizeof text - 1, &done, NULL));
    CloseHandle(file);
    SAY(name, "\"%s\"", text);
}

int main(void)
{
    put("a", "a");
    put("b", "b");
    B(MoveFileA("a", "b"));
    B(MoveFileA("missing", "c"));
    B(MoveFileA("missing\\a", "c"));
    B(MoveFileA("a", "missing\\c"));
    B(MoveFileExA("a", "b", MOVEFILE_REPLACE_EXISTING));
    show("a");
    show("b");
    B(MoveFileA("b", "b"));
    B(MoveFileExA("b", "c", MOVEFILE_WRITE_THROUGH));
    show("c");

    put("d", "d");
    HANDLE open = CreateFileA("d", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    B(MoveFileExA("c", "d", MOVEFILE_REPLACE_EXISTING));
    B(MoveFileA("d", "e"));
    B(CloseHandle(open));
    B(SetFileAttributesA("d", FILE_ATTRIBUTE_READONLY));
    B(MoveFileA("d", "e"));
    N(GetFileAttributesA("e") & FILE_ATTRIBUTE_READONLY);
    B(SetFileAttributesA("e", FILE_ATTRIBUTE_NORMAL));

    B(CreateDirectoryA("folder", NULL));
    B(CreateDirectoryA("other", NULL));
    B(MoveFileA("folder", "other"));
    B(MoveFileExA("e", "folder", MOVEFILE_REPLACE_EXISTING));
    B(MoveFileA("e", "folder\\e"));
    B(MoveFileA("folder", "other\\folder"));
    show("other/folder\\e");

    put("from", "some text");
    B(CopyFileA("from", "to", TRUE));
    show("to");
    B(CopyFileA("from", "to", TRUE));
    put("from", "more");
    B(CopyFileA("from", "to", FALSE));
    show("to");
    B(CopyFileA("missing", "to", FALSE));
    show("to");
    B(CopyFileA("from", "missing\\to", FALSE));
    B(CopyFileA("other", "to", FALSE));
    B(CopyFileA("from", "other", FALSE));
    B(SetFileAttributesA("to", FILE_ATTRIBUTE_READONLY));
    ROW_B("FALSE 5", CopyFileA("from", "to", FALSE));
    B(CopyFileA("to", "copy", FALSE));
    N(GetFileAttributesA("copy") & FILE_ATTRIBUTE_READONLY);
    B(SetFileAttributesA("to", FILE_ATTRIBUTE_NORMAL));
    open = CreateFileA("to", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    B(CopyFileA("from", "to", FALSE));
    B(CopyFileA("to", "second", FALSE));
    B(CloseHandle(open));
    B(CopyFileA("from", "from", FALSE));
    show("from");

    put("new", "new");
    put("old", "old");
    B(ReplaceFileA("old", "new", "backup", 0, NULL, NULL));
    show("old");
    show("new");
    show("backup");
    B(ReplaceFileA("old", "missing", NULL, 0, NULL, NULL));
    ROW_B("TRUE", ReplaceFileA("old", "backup", NULL, 0, NULL, NULL));

    put("kept", "kept");
    put("over", "over");
    B(SetFileAttributesA("kept", FILE_ATTRIBUTE_READONLY));
    ROW_B("FALSE 5", MoveFileExA("over", "kept", MOVEFILE_REPLACE_EXISTING));
    put("plain", "plain");
    B(CreateDirectoryA("last", NULL));
    ROW_B("FALSE 5", MoveFileExA("last", "plain", MOVEFILE_REPLACE_EXISTING));
    return 0;
}
