//! The errors of Linux on files, as Win32 has them.

use rustix::io::Errno;

use crate::code::Code;

impl Code {
    pub(crate) const INVALID_FUNCTION: Code = Code(1);
    pub(crate) const TOO_MANY_OPEN_FILES: Code = Code(4);
    pub(crate) const NOT_SAME_DEVICE: Code = Code(17);
    pub(crate) const NO_MORE_FILES: Code = Code(18);
    pub(crate) const WRITE_PROTECT: Code = Code(19);
    pub(crate) const BAD_LENGTH: Code = Code(24);
    pub(crate) const SHARING_VIOLATION: Code = Code(32);
    pub(crate) const LOCK_VIOLATION: Code = Code(33);
    pub(crate) const HANDLE_EOF: Code = Code(38);
    pub(crate) const BAD_NETPATH: Code = Code(53);
    pub(crate) const FILE_EXISTS: Code = Code(80);
    pub(crate) const BROKEN_PIPE: Code = Code(109);
    pub(crate) const BUFFER_OVERFLOW: Code = Code(111);
    pub(crate) const DISK_FULL: Code = Code(112);
    pub(crate) const INVALID_NAME: Code = Code(123);
    pub(crate) const NEGATIVE_SEEK: Code = Code(131);
    pub(crate) const DIR_NOT_EMPTY: Code = Code(145);
    pub(crate) const NOT_LOCKED: Code = Code(158);
    pub(crate) const NO_DATA: Code = Code(232);
    pub(crate) const DIRECTORY: Code = Code(267);
    pub(crate) const IO_INCOMPLETE: Code = Code(996);
    pub(crate) const NO_SYSTEM_RESOURCES: Code = Code(1450);
    pub(crate) const NOT_FOUND: Code = Code(1168);
    pub(crate) const IO_DEVICE: Code = Code(1117);
}

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
