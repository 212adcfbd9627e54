//! What a file is used for, and what others may use it for.

use bitflags::bitflags;

bitflags! {
    /// What an open file is used for, or what others may use it for meanwhile; the values are those of `FILE_SHARE_*`.
    ///
    /// ```
    /// use mapview::FileUse;
    /// assert!((FileUse::READ | FileUse::WRITE).contains(FileUse::READ));
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "dwShareMode")]
    pub struct FileUse: u32 {
        /// Reading its data (`FILE_SHARE_READ`).
        #[doc(alias = "FILE_SHARE_READ")]
        const READ = 1;
        /// Writing its data (`FILE_SHARE_WRITE`).
        #[doc(alias = "FILE_SHARE_WRITE")]
        const WRITE = 2;
        /// Removing or renaming it (`FILE_SHARE_DELETE`).
        #[doc(alias = "FILE_SHARE_DELETE")]
        const DELETE = 4;
    }
}
