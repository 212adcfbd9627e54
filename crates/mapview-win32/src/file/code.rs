//! The errors of Linux on files, as Win32 has them.

use rustix::io::Errno;

use crate::code::Code;

impl From<Errno> for Code {
    fn from(errno: Errno) -> Code {
        match errno {
            Errno::NOENT => Code::FILE_NOT_FOUND,
            Errno::NOTDIR | Errno::LOOP => Code::PATH_NOT_FOUND,
            Errno::ACCESS | Errno::PERM | Errno::BADF | Errno::ISDIR => Code::ACCESS_DENIED,
            Errno::TXTBSY => Code::SHARING_VIOLATION, // it is being executed
            Errno::EXIST => Code::FILE_EXISTS,
            Errno::MFILE | Errno::NFILE => Code::TOO_MANY_OPEN_FILES,
            Errno::NOMEM => Code::NOT_ENOUGH_MEMORY,
            Errno::NOSPC | Errno::DQUOT | Errno::FBIG => Code::DISK_FULL,
            Errno::NAMETOOLONG => Code::FILENAME_EXCED_RANGE,
            Errno::NOTEMPTY => Code::DIR_NOT_EMPTY,
            Errno::XDEV => Code::NOT_SAME_DEVICE,
            Errno::ROFS => Code::WRITE_PROTECT,
            Errno::FAULT => Code::NOACCESS,
            Errno::SPIPE => Code::INVALID_FUNCTION,
            Errno::PIPE => Code::NO_DATA,
            Errno::BUSY => Code::BUSY,
            Errno::OPNOTSUPP | Errno::NOSYS | Errno::NOTTY => Code::NOT_SUPPORTED,
            Errno::INVAL | Errno::OVERFLOW => Code::INVALID_PARAMETER,
            Errno::NOLCK => Code::NO_SYSTEM_RESOURCES,
            _ => Code::IO_DEVICE,
        }
    }
}

pub(crate) fn of(error: std::io::Error) -> Code {
    Errno::from_io_error(&error).map_or(Code::IO_DEVICE, Code::from)
}
