//! How much memory libgit2 may take for one thing.
//!
//! A delta of some hundred bytes can stand for gigabytes, and a pack is indexed before anybody can look at the sizes in it. So each piece of memory that
//! libgit2 asks for is measured: while a pack comes in, nothing in it may be larger than what Git itself makes deltas of.

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_void};

use git2::Error;
use libgit2_sys::{GIT_OPT_SET_ALLOCATOR, GIT_OPT_SET_PACK_MAX_OBJECTS, git_libgit2_opts};

/// Git makes no deltas of files that are larger (`core.bigFileThreshold`), and only what deltas are made of is unpacked while a pack comes in.
const MAX_OF_A_PACK: usize = 512 << 20;
/// No blob of more bytes is ever unpacked, and nothing else is as large.
pub(super) const MAX_BLOB: usize = 2 << 30;
/// Objects in one pack.
const MAX_OBJECTS: usize = 16 << 20;

thread_local! {
    static LIMIT: Cell<usize> = const { Cell::new(MAX_BLOB + 1) };
    /// What this thread was refused.
    static REFUSED: Cell<usize> = const { Cell::new(0) };
}

/// As libgit2 has it (`git2/sys/alloc.h`).
#[repr(C)]
struct Allocator {
    malloc: extern "C" fn(usize, *const c_char, c_int) -> *mut c_void,
    realloc: extern "C" fn(*mut c_void, usize, *const c_char, c_int) -> *mut c_void,
    free: extern "C" fn(*mut c_void),
}

static MEASURED: Allocator = Allocator { malloc, realloc, free };

/// Whether this thread may have so much. While a thread ends nothing is measured.
fn allowed(size: usize) -> bool {
    let allowed = LIMIT.try_with(|limit| size <= limit.get()).unwrap_or(true);
    if !allowed {
        let _ = REFUSED.try_with(|refused| refused.set(size));
    }
    allowed
}

#[expect(unsafe_code, reason = "what libgit2 does by itself, for whom it is called")]
extern "C" fn malloc(size: usize, _: *const c_char, _: c_int) -> *mut c_void {
    // SAFETY: any size may be asked for.
    if allowed(size) { unsafe { libc::malloc(size) } } else { std::ptr::null_mut() }
}

#[expect(unsafe_code, reason = "what libgit2 does by itself, for whom it is called")]
extern "C" fn realloc(old: *mut c_void, size: usize, _: *const c_char, _: c_int) -> *mut c_void {
    // SAFETY: libgit2 gives back what it got from `malloc` or `realloc`, which are the C library's, or nothing.
    if allowed(size) { unsafe { libc::realloc(old, size) } } else { std::ptr::null_mut() }
}

#[expect(unsafe_code, reason = "what libgit2 does by itself, for whom it is called")]
extern "C" fn free(old: *mut c_void) {
    // SAFETY: as for `realloc`.
    unsafe { libc::free(old) }
}

/// Makes libgit2 take its memory from here.
#[expect(
    unsafe_code,
    reason = "the options of libgit2 are of the whole process; its caller sets them once, before anything else is asked of it"
)]
pub(super) fn set_up() -> Result<(), Error> {
    // SAFETY: what was allocated before comes from the same functions of the C library; the table lives as long as the process.
    let set = unsafe { git_libgit2_opts(GIT_OPT_SET_ALLOCATOR.cast_signed(), &raw const MEASURED) };
    // SAFETY: takes a number.
    let bounded = unsafe { git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECTS.cast_signed(), MAX_OBJECTS) };
    if set < 0 || bounded < 0 { Err(Error::last_error(set.min(bounded))) } else { Ok(()) }
}

/// Does `work`, which takes in a pack, and says how large something was that was refused meanwhile.
pub(super) fn while_a_pack_comes<T>(work: impl FnOnce() -> T) -> (T, Option<usize>) {
    REFUSED.set(0);
    let before = LIMIT.replace(MAX_OF_A_PACK + 1);
    let done = work();
    LIMIT.set(before);
    (done, Some(REFUSED.get()).filter(|refused| *refused > 0))
}
