/* The queue of notices in office.db, and texts kept by name. */
#include "web/delivery.h"

#include "web/office_int.h"

#include <string.h>

#define COLUMNS "id, made, next, done, channel, state, tries, event, target, number, subject, text, error"

const char *yw_channel_name(uint8_t c) {
    static const char *const names[] = {"", "mail", "sms", "wecom", "dingtalk"};
    return c < YW_COUNT(names) ? names[c] : "";
}

const char *yw_delivery_state_name(uint8_t s) {
    static const char *const names[] = {"", "waiting", "sent", "failed"};
    return s < YW_COUNT(names) ? names[s] : "";
}

static void text_of(sqlite3_stmt *s, int column, char *to, size_t size) {
    const char *text = (const char *)sqlite3_column_text(s, column);
    (void)yw_copy(to, size, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

static void read_row(sqlite3_stmt *s, struct yw_delivery *d) {
    memset(d, 0, sizeof *d);
    d->id = sqlite3_column_int64(s, 0);
    d->made = sqlite3_column_int64(s, 1);
    d->next = sqlite3_column_int64(s, 2);
    d->done = sqlite3_column_int64(s, 3);
    d->channel = (uint8_t)sqlite3_column_int(s, 4);
    d->state = (uint8_t)sqlite3_column_int(s, 5);
    d->tries = sqlite3_column_int64(s, 6);
    text_of(s, 7, d->event, sizeof d->event);
    text_of(s, 8, d->target, sizeof d->target);
    text_of(s, 9, d->number, sizeof d->number);
    text_of(s, 10, d->subject, sizeof d->subject);
    text_of(s, 11, d->text, sizeof d->text);
    text_of(s, 12, d->error, sizeof d->error);
}

enum yw_code yw_delivery_add(struct yw_office *o, const struct yw_delivery *d, struct yw_error *err) {
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(
        o, "INSERT OR IGNORE INTO delivery(made, next, done, channel, state, tries, event, target, number,"
           " subject, text, error) SELECT ?1,?2,0,?3,1,0,?4,?5,?6,?7,?8,'' WHERE"
           " (SELECT count(*) FROM delivery) < ?9");
    if (s != NULL) {
        sqlite3_bind_int64(s, 1, d->made);
        sqlite3_bind_int64(s, 2, d->next);
        sqlite3_bind_int(s, 3, d->channel);
        yw_bind_text(s, 4, d->event);
        yw_bind_text(s, 5, d->target);
        yw_bind_text(s, 6, d->number);
        yw_bind_text(s, 7, d->subject);
        yw_bind_text(s, 8, d->text);
        sqlite3_bind_int(s, 9, YW_DELIVERIES_MAX);
    }
    enum yw_code code = yw_office_run(o, s, err);
    pthread_mutex_unlock(&o->lock);
    return code;
}

enum yw_code yw_delivery_due(struct yw_office *o, int64_t now, struct yw_delivery *out, size_t most,
                             size_t *n, struct yw_error *err) {
    *n = 0;
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(
        o, "SELECT " COLUMNS " FROM delivery WHERE state=1 AND next<=?1 ORDER BY next, id LIMIT ?2");
    enum yw_code code = s == NULL ? yw_office_fail(o, err) : YW_OK;
    if (s != NULL) {
        sqlite3_bind_int64(s, 1, now);
        sqlite3_bind_int64(s, 2, (int64_t)most);
        while (*n < most && sqlite3_step(s) == SQLITE_ROW) read_row(s, &out[(*n)++]);
    }
    sqlite3_finalize(s);
    pthread_mutex_unlock(&o->lock);
    return code;
}

enum yw_code yw_delivery_done(struct yw_office *o, const struct yw_delivery *d, struct yw_error *err) {
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(
        o, "UPDATE delivery SET state=?2, tries=?3, next=?4, done=?5, error=?6 WHERE id=?1");
    if (s != NULL) {
        sqlite3_bind_int64(s, 1, d->id);
        sqlite3_bind_int(s, 2, d->state);
        sqlite3_bind_int64(s, 3, d->tries);
        sqlite3_bind_int64(s, 4, d->next);
        sqlite3_bind_int64(s, 5, d->done);
        yw_bind_text(s, 6, d->error);
    }
    enum yw_code code = yw_office_run(o, s, err);
    pthread_mutex_unlock(&o->lock);
    return code;
}

enum yw_code yw_deliveries_each(struct yw_office *o, int64_t before, uint8_t state,
                                bool (*each)(void *arg, const struct yw_delivery *d), void *arg,
                                struct yw_error *err) {
    struct yw_delivery d;
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s =
        yw_office_prepare(o, "SELECT " COLUMNS " FROM delivery WHERE (?1=0 OR id<?1) AND (?2=0 OR state=?2)"
                             " ORDER BY id DESC");
    enum yw_code code = s == NULL ? yw_office_fail(o, err) : YW_OK;
    if (s != NULL) {
        sqlite3_bind_int64(s, 1, before);
        sqlite3_bind_int(s, 2, state);
        while (sqlite3_step(s) == SQLITE_ROW) {
            read_row(s, &d);
            if (!each(arg, &d)) break;
        }
    }
    sqlite3_finalize(s);
    pthread_mutex_unlock(&o->lock);
    return code;
}

enum yw_code yw_delivery_tidy(struct yw_office *o, int64_t before, struct yw_error *err) {
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(o, "DELETE FROM delivery WHERE state<>1 AND made<?1");
    if (s != NULL) sqlite3_bind_int64(s, 1, before);
    enum yw_code code = yw_office_run(o, s, err);
    pthread_mutex_unlock(&o->lock);
    return code;
}

enum yw_code yw_setting_get(struct yw_office *o, const char *name, struct yw_buf *out, struct yw_error *err) {
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(o, "SELECT value FROM setting WHERE name=?1");
    enum yw_code code = s == NULL ? yw_office_fail(o, err) : YW_OK;
    if (s != NULL) {
        yw_bind_text(s, 1, name);
        if (sqlite3_step(s) == SQLITE_ROW) yw_buf_puts(out, (const char *)sqlite3_column_text(s, 0));
    }
    sqlite3_finalize(s);
    pthread_mutex_unlock(&o->lock);
    return code;
}

enum yw_code yw_setting_set(struct yw_office *o, const char *name, const char *text, struct yw_error *err) {
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(o, "INSERT INTO setting(name, value) VALUES(?1,?2)"
                                           " ON CONFLICT(name) DO UPDATE SET value=excluded.value");
    if (s != NULL) {
        yw_bind_text(s, 1, name);
        yw_bind_text(s, 2, text);
    }
    enum yw_code code = yw_office_run(o, s, err);
    pthread_mutex_unlock(&o->lock);
    return code;
}
