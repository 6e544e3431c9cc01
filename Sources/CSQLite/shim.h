#include <sqlite3.h>

/* sqlite3_db_config has a variable number of arguments. */
static inline int tiny_sqlite_config(sqlite3 *database, int option, int value, int *actual) {
    return sqlite3_db_config(database, option, value, actual);
}
