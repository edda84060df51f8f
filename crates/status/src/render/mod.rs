//! Texts made of status and nothing else.
