//! Keeps a Zerverless namespace equal to what a Git repository declares.
