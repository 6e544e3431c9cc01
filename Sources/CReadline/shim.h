// GNU readline for Swift: the library, and functions in the place of its global variables.
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <signal.h>
#include <time.h>
#include <readline/readline.h>
#include <readline/history.h>

// The library's own, not in its headers: whether inserting a key takes in those that follow at once.
extern int _rl_optimize_typeahead;

static inline void tiny_rl_prepare(const char *name) {
    // It would wait for a key that was there a moment ago, and that Ctrl-C has thrown away since.
    _rl_optimize_typeahead = 0;
    rl_readline_name = name;
    using_history();
    rl_catch_signals = 0;
    rl_catch_sigwinch = 1;
    rl_bind_key('\t', rl_insert);
    rl_initialize();
}

static inline void tiny_rl_set_hooks(rl_completion_func_t *completion, rl_hook_func_t *startup, rl_hook_func_t *input) {
    rl_attempted_completion_function = completion;
    rl_startup_hook = startup;
    rl_pre_input_hook = input;
}

static inline void tiny_rl_set_display_hook(rl_compdisp_func_t *hook) { rl_completion_display_matches_hook = hook; }

// What the completer finds is all there is (no file names), and nothing follows the word.
static inline void tiny_rl_end_completion(void) {
    rl_attempted_completion_over = 1;
    rl_completion_append_character = '\0';
    rl_completion_suppress_append = 0;
}

// Waits for standard input with these signals blocked only.
static inline int tiny_await_key(const struct timespec *limit, const sigset_t *signals) {
    fd_set files;
    FD_ZERO(&files);
    FD_SET(0, &files);
    return pselect(1, &files, NULL, NULL, limit, signals);
}
static inline void tiny_rl_set_getc(rl_getc_func_t *next_key) { rl_getc_function = next_key; }
static inline const char *tiny_rl_line(void) { return rl_line_buffer ? rl_line_buffer : ""; }
static inline int tiny_rl_point(void) { return rl_point; }
static inline int tiny_rl_completion_type(void) { return rl_completion_type; }
static inline void tiny_rl_set_delimiters(char *text) { rl_completer_word_break_characters = text; }
static inline const char *tiny_rl_delimiters(void) {
    return rl_completer_word_break_characters ? rl_completer_word_break_characters : "";
}
static inline int tiny_rl_history_length(void) { return history_length; }
static inline int tiny_rl_history_base(void) { return history_base; }

// The line being edited is forgotten and the terminal is as it was.
static inline void tiny_rl_abort(void) {
    rl_free_line_state();
    rl_callback_sigcleanup();
    rl_cleanup_after_signal();
    rl_callback_handler_remove();
}

// The library is told by itself of a new size of the window only while it reads; it waits for keys outside.
static inline void tiny_rl_follow_window(void) {
    int rows, columns;
    struct winsize size;
    rl_get_screen_size(&rows, &columns);
    if (ioctl(0, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || (size.ws_col == columns && size.ws_row == rows)) return;
    rl_resize_terminal();
}
