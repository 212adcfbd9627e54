//! Win32 error codes, and how the errors of the layers below become one.

/// What `GetLastError` returns after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code(pub u32);

pub(crate) type Result<T> = std::result::Result<T, Code>;

impl Code {
    pub(crate) const INVALID_FUNCTION: Code = Code(1);
    pub(crate) const FILE_NOT_FOUND: Code = Code(2);
    pub(crate) const PATH_NOT_FOUND: Code = Code(3);
    pub(crate) const TOO_MANY_OPEN_FILES: Code = Code(4);
    pub(crate) const ACCESS_DENIED: Code = Code(5);
    pub(crate) const INVALID_HANDLE: Code = Code(6);
    pub(crate) const NOT_ENOUGH_MEMORY: Code = Code(8);
    pub(crate) const NOT_SAME_DEVICE: Code = Code(17);
    pub(crate) const NO_MORE_FILES: Code = Code(18);
    pub(crate) const WRITE_PROTECT: Code = Code(19);
    pub(crate) const BAD_LENGTH: Code = Code(24);
    pub(crate) const GEN_FAILURE: Code = Code(31);
    pub(crate) const SHARING_VIOLATION: Code = Code(32);
    pub(crate) const LOCK_VIOLATION: Code = Code(33);
    pub(crate) const HANDLE_EOF: Code = Code(38);
    pub(crate) const NOT_SUPPORTED: Code = Code(50);
    pub(crate) const BAD_NETPATH: Code = Code(53);
    pub(crate) const FILE_EXISTS: Code = Code(80);
    pub(crate) const INVALID_PARAMETER: Code = Code(87);
    pub(crate) const BROKEN_PIPE: Code = Code(109);
    pub(crate) const BUFFER_OVERFLOW: Code = Code(111);
    pub(crate) const DISK_FULL: Code = Code(112);
    pub(crate) const INSUFFICIENT_BUFFER: Code = Code(122);
    pub(crate) const INVALID_NAME: Code = Code(123);
    pub(crate) const NEGATIVE_SEEK: Code = Code(131);
    pub(crate) const DIR_NOT_EMPTY: Code = Code(145);
    pub(crate) const SIGNAL_REFUSED: Code = Code(156);
    pub(crate) const NOT_LOCKED: Code = Code(158);
    pub(crate) const BUSY: Code = Code(170);
    pub(crate) const ALREADY_EXISTS: Code = Code(183);
    pub(crate) const FILENAME_EXCED_RANGE: Code = Code(206);
    pub(crate) const NO_DATA: Code = Code(232);
    pub(crate) const MORE_DATA: Code = Code(234);
    pub(crate) const DIRECTORY: Code = Code(267);
    pub(crate) const PARTIAL_COPY: Code = Code(299);
    pub(crate) const INVALID_ADDRESS: Code = Code(487);
    pub(crate) const IO_INCOMPLETE: Code = Code(996);
    pub(crate) const IO_PENDING: Code = Code(997);
    pub(crate) const NOACCESS: Code = Code(998);
    pub(crate) const IO_DEVICE: Code = Code(1117);
    pub(crate) const NOT_FOUND: Code = Code(1168);
    pub(crate) const PRIVILEGE_NOT_HELD: Code = Code(1314);
    pub(crate) const NO_SYSTEM_RESOURCES: Code = Code(1450);
    pub(crate) const NOT_SAME_OBJECT: Code = Code(1656);
    pub(crate) const INVALID_USER_BUFFER: Code = Code(1784);
}

impl From<mapview::Error> for Code {
    fn from(error: mapview::Error) -> Code {
        Code(error.win32_code())
    }
}
