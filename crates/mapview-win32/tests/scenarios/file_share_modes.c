/* Who may open a file together with whom: each access and share mode against each, in this process and in another.
 * Contract: the normal share-mode rule, and the errors of opening. */
#include "scenario.h"

static const DWORD accesses[] = {0, GENERIC_READ, GENERIC_WRITE, GENERIC_READ | GENERIC_WRITE, DELETE, FILE_APPEND_DATA, FILE_EXECUTE};
enum { ACCESSES = sizeof accesses / sizeof *accesses };

static HANDLE open_file(DWORD access, DWORD share)
{
    return CreateFileA("shared.dat", access, share, NULL, OPEN_EXISTING, 0, NULL);
}

/* One line: for each access and each of the eight share modes, whether it could be opened. */
static void matrix(const char *what)
{
    char line[ACCESSES * 9 + 1], *at = line;
    for (int access = 0; access < ACCESSES; access++) {
        for (DWORD share = 0; share < 8; share++) {
            HANDLE file = open_file(accesses[access], share);
            *at++ = file != INVALID_HANDLE_VALUE ? '+' : GetLastError() == ERROR_SHARING_VIOLATION ? '-' : '?';
            if (file != INVALID_HANDLE_VALUE)
                CloseHandle(file);
        }
        *at++ = ' ';
    }
    *at = 0;
    SAY(what, "%s", line);
}

int main(int argc, char **argv)
{
    char what[64];
    if (argc > 1) {
        matrix(argv[1]);
        H(open_file(GENERIC_READ, 7));
        return 0;
    }
    HANDLE file = H(CreateFileA("shared.dat", GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL));
    B(CloseHandle(file));
    matrix("alone");
    for (int access = 0; access < ACCESSES; access++)
        for (DWORD share = 0; share < 8; share++) {
            file = open_file(accesses[access], share);
            MUST(file != INVALID_HANDLE_VALUE);
            snprintf(what, sizeof what, "access %d share %lu", access, (unsigned long)share);
            matrix(what);
            CloseHandle(file);
        }

    file = open_file(GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ);
    scenario_finish(scenario_start_process("reads-shared"));
    CloseHandle(file);
    file = open_file(GENERIC_READ, 0);
    scenario_finish(scenario_start_process("alone"));
    HANDLE copy;
    B(DuplicateHandle(GetCurrentProcess(), file, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    B(CloseHandle(file));
    H(open_file(GENERIC_READ, 7));
    B(CloseHandle(copy));
    file = H(open_file(GENERIC_READ, 0));

    B(DeleteFileA("shared.dat"));
    B(MoveFileA("shared.dat", "moved.dat"));
    B(CopyFileA("shared.dat", "copy.dat", FALSE));
    B(CloseHandle(file));
    file = H(open_file(GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE));
    B(MoveFileA("shared.dat", "moved.dat"));
    B(DeleteFileA("moved.dat"));
    B(CloseHandle(file));
    H(open_file(GENERIC_READ, 7));
    return 0;
}
