/* Opening by the owner: where does the journal end?
 *
 * Behind the published position everything up to the first byte that is no record is kept (it survived whole,
 * so it is synced and published); the rest is a torn tail and is wiped, so that no stale record can ever
 * follow a new one. Before the published position nothing is ever cut: what is unreadable there is damage,
 * not a torn tail. Readers report it, and writing goes on behind it. */
#include "journal/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { CHUNK = 1 << 20 };

struct scan {
    struct yw_journal *j;
    uint64_t published;
    uint8_t *chunk;
    size_t cap;   /* of chunk: grows to the largest record met */
    uint64_t end; /* behind the last good record */
    int64_t arrival;
};

static bool grow(struct scan *s, size_t cap) {
    uint8_t *p = realloc(s->chunk, cap);
    if (!p) return false;
    s->chunk = p;
    s->cap = cap;
    return true;
}

static enum yw_code begin_segment(struct yw_journal *j, uint64_t number, uint64_t start,
                                  struct yw_error *err) {
    j->tail = (struct yw_segment){.number = number, .start = start, .arrival = j->last_arrival};
    j->tail.created = j->io->now(j->io->ctx);
    memcpy(j->tail.id, j->id, YW_ID_BYTES);
    memcpy(j->tail.name, j->name, YW_NAME_BYTES);
    j->end = start;
    uint8_t page[YW_SEGMENT_HEADER];
    yw_segment_encode(&j->tail, page);
    uint64_t wiped = 0;
    enum yw_code code = yw_commit_open(j, number, err);
    if (code == YW_OK) code = yw_commit_wipe(j, YW_SEGMENT_HEADER, &wiped, err);
    if (code == YW_OK) code = yw_write_at(j->io, j->fd, page, sizeof page, 0, err);
    if (code == YW_OK) code = yw_commit_sync(j, err);
    return code;
}

static enum yw_code start_fresh(struct yw_journal *j, struct yw_error *err) {
    if (getrandom(j->id, sizeof j->id, 0) != (ssize_t)sizeof j->id)
        return yw_fail_errno(err, errno, "cannot make an id for the journal %s", j->folder);
    j->seed = yw_journal_seed(j->id);
    return begin_segment(j, 1, 0, err);
}

/* Reads records of one segment from position on. Bytes that are no record end the scan, unless they lie
 * before the published position: then the next intact record is looked for. */
static enum yw_code scan_segment(struct scan *s, const struct yw_segment *head, struct yw_error *err) {
    struct yw_journal *j = s->j;
    uint64_t at = head->start;
    uint64_t have_from = at;
    size_t have = 0, got = 0;
    s->end = at;
    for (;;) {
        struct yw_record record;
        uint64_t need;
        size_t skip = (size_t)(at - have_from);
        enum yw_parsed p = yw_record_parse(s->chunk + skip, have - skip, at, j->seed, &record, &need);
        if (p == YW_PARSED_SHORT) {
            memmove(s->chunk, s->chunk + skip, have - skip);
            have -= skip;
            have_from = at;
            if (need > s->cap && !grow(s, (size_t)need))
                return yw_fail(err, YW_E_NOMEM, "no memory for %s", j->folder);
            enum yw_code code = yw_read_at(j->io, j->fd, s->chunk + have, s->cap - have,
                                           yw_segment_offset(head, at + have), &got, err);
            if (code != YW_OK) return code;
            have += got;
            if (got > 0) continue;
            if (have < YW_RECORD_HEADER) return YW_OK; /* the file ends here */
        }
        if (p == YW_PARSED_VERSION)
            return yw_fail(err, YW_E_VERSION, "%s holds records of a newer version at %llu", j->folder,
                           (unsigned long long)at);
        if (p == YW_PARSED_OK) {
            at += need;
            s->end = at;
            s->arrival = record.arrival;
        } else if (at < s->published) {
            at += YW_RECORD_ALIGN;
        } else {
            return YW_OK;
        }
    }
}

/* Wipes what lies in files behind the last begun segment: headers that were torn before anything counted. */
static enum yw_code discard_after(struct yw_journal *j, const struct yw_segments *list, uint64_t number,
                                  uint64_t *cut, struct yw_error *err) {
    enum yw_code code = YW_OK;
    for (size_t i = list->count; code == YW_OK && i-- > 0 && list->items[i].number > number;) {
        if (list->items[i].state == YW_E_NOT_FOUND && list->items[i].size <= YW_SEGMENT_HEADER) continue;
        code = yw_commit_open(j, list->items[i].number, err);
        if (code == YW_OK) code = yw_commit_wipe(j, 0, cut, err);
        if (code == YW_OK) code = yw_commit_sync(j, err);
    }
    return code;
}

static enum yw_code check_begun(struct yw_journal *j, const struct yw_segments *list, struct yw_error *err) {
    for (size_t i = 0; i < list->count; i++) {
        const struct yw_segment_file *f = &list->items[i];
        if (f->state == YW_E_VERSION)
            return yw_fail(err, YW_E_VERSION, "segment %llu of %s was written by a newer program",
                           (unsigned long long)f->number, j->folder);
        if (f->state == YW_OK && memcmp(f->head.id, j->id, YW_ID_BYTES) != 0)
            return yw_fail(err, YW_E_CORRUPT, "segment %llu of %s belongs to another journal",
                           (unsigned long long)f->number, j->folder);
    }
    return YW_OK;
}

/* A header that cannot be read, with records behind it, is no torn beginning: starting anew would give out
 * positions twice. */
static enum yw_code check_unbegun(struct yw_journal *j, const struct yw_segments *list,
                                  struct yw_error *err) {
    enum yw_code version = check_begun(j, list, err);
    if (version != YW_OK) return version;
    for (size_t i = 0; i < list->count; i++) {
        const struct yw_segment_file *f = &list->items[i];
        if (f->state != YW_E_CORRUPT) continue;
        int64_t end;
        enum yw_code code = yw_commit_open(j, f->number, err);
        if (code == YW_OK) code = yw_content_end(j->io, j->fd, YW_SEGMENT_HEADER, &end, err);
        if (code != YW_OK) return code;
        if (end > YW_SEGMENT_HEADER)
            return yw_fail(
                err, YW_E_CORRUPT,
                "the header of segment %llu of %s is damaged and no other segment tells the journal's "
                "place: restore the folder from a copy or move it away",
                (unsigned long long)f->number, j->folder);
    }
    return YW_OK;
}

/* The begun segment with the highest number; NULL if none. */
static const struct yw_segment_file *last_begun(const struct yw_segments *list) {
    const struct yw_segment_file *last = NULL;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].state == YW_OK) last = &list->items[i];
    return last;
}

/* A position behind everything the files have room for was never published: the live page is damaged. */
static bool published_is_sane(const struct yw_segments *list, const struct yw_segment_file *last,
                              uint64_t published) {
    uint64_t room = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].number >= last->number) room += (uint64_t)list->items[i].size;
    return published % YW_RECORD_ALIGN == 0 && published >= last->head.start &&
           published - last->head.start <= room;
}

/* A segment is begun only when all before it is synced, so only the last one can have a torn tail, and its
 * start is as good as a published position. */
static enum yw_code recover_last(struct scan *s, const struct yw_segments *list, uint64_t *cut,
                                 struct yw_error *err) {
    struct yw_journal *j = s->j;
    const struct yw_segment_file *last = last_begun(list);
    memcpy(j->id, last->head.id, YW_ID_BYTES);
    j->seed = yw_journal_seed(j->id);
    enum yw_code code = check_begun(j, list, err);
    if (!published_is_sane(list, last, s->published)) s->published = last->head.start;
    s->arrival = last->head.arrival;
    if (code == YW_OK) code = yw_commit_open(j, last->number, err);
    if (code == YW_OK) code = scan_segment(s, &last->head, err);
    if (code != YW_OK) return code;
    j->last_arrival = s->arrival;
    if (s->end <
        s->published) /* the end itself is damaged: leave it as evidence, never give out a position twice */
        return begin_segment(j, list->items[list->count - 1].number + 1, s->published, err);
    j->tail = last->head;
    j->end = s->end;
    code = discard_after(j, list, last->number, cut, err);
    if (code == YW_OK) code = yw_commit_open(j, last->number, err);
    if (code == YW_OK) code = yw_commit_wipe(j, yw_segment_offset(&last->head, j->end), cut, err);
    if (code == YW_OK) code = yw_commit_sync(j, err);
    return code;
}

enum yw_code yw_recover(struct yw_journal *j, uint64_t published, uint64_t *repaired, struct yw_error *err) {
    *repaired = 0;
    j->last_arrival = INT64_MIN;
    struct yw_segments list;
    enum yw_code code = yw_segments_list(j->io, j->folder, &list, err);
    if (code != YW_OK) return code;
    if (!last_begun(&list)) {
        code = check_unbegun(j, &list, err);
        if (code == YW_OK) code = start_fresh(j, err);
    } else {
        struct scan s = {.j = j, .published = published, .arrival = INT64_MIN};
        code = grow(&s, CHUNK) ? recover_last(&s, &list, repaired, err)
                               : yw_fail(err, YW_E_NOMEM, "no memory for reading the journal %s", j->folder);
        free(s.chunk);
    }
    yw_segments_free(&list);
    return code;
}
