/* A plain program that puts the bytes of a file in opposite order into another: read a piece from the end, turn it,
 * write it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 256 << 10 };

static void need(int works, const char *what)
{
    if (!works) {
        perror(what);
        exit(1);
    }
}

int main(int count, char **arguments)
{
    static unsigned char from[PIECE], to[PIECE];
    struct stat stat;
    need(count == 3, "usage: reverse FROM TO");
    int in = open(arguments[1], O_RDONLY), out = open(arguments[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    need(in >= 0 && out >= 0 && fstat(in, &stat) == 0, "open");
    for (off_t left = stat.st_size; left > 0;) {
        size_t piece = left < PIECE ? (size_t)left : PIECE;
        left -= (off_t)piece;
        need(pread(in, from, piece, left) == (ssize_t)piece, "pread");
        for (size_t i = 0; i < piece; i++)
            to[i] = from[piece - 1 - i];
        need(write(out, to, piece) == (ssize_t)piece, "write");
    }
    need(fsync(out) == 0, "fsync");
    return 0;
}
