//! What can befall a folder: a second process, a disk that fails.
