/* fold: one journalled record -> what it means for the store. Pure: what must be looked up is handed in. */
#ifndef YW_PIPELINE_FOLD_H
#define YW_PIPELINE_FOLD_H

#include "hj212.h"
#include "pipeline/pipeline.h"
#include "register/register.h"
#include "store/tally.h"

/* What folds look up; a NULL member: there is none. */
struct yw_fold_with {
    const struct yw_register *reg;
    struct yw_keyring *ring; /* opens encrypted packets */
    const uint8_t *secret;   /* the installation's key: opens sealed commands, to veil them */
};

enum yw_fold {
    YW_FOLD_NOTHING, /* an answer, an event, garbage: nothing for the store */
    YW_FOLD_ROW,
    YW_FOLD_WAITING,
    YW_FOLD_NOT_DATA,   /* an admitted device's packet that carries no data */
    YW_FOLD_UNREADABLE, /* an admitted device's packet that cannot be read, or has no data time */
    YW_FOLD_LOCKED      /* an admitted device's packet whose key is not at hand */
};

/* Kind of the data that a command uploads, 0: none. */
enum yw_kind yw_fold_kind(unsigned command);

/* What is taken out of a record lies here: values, and texts that had to be converted. */
struct yw_folded {
    struct yw_row row;
    struct yw_waiting waiting;
    struct yw_value *values; /* room for YW_VALUES_MAX, given by the caller */
    char *text;              /* room for text_size bytes, given by the caller */
    size_t text_size, text_n;
    char *plain;         /* room for HJ212_FRAME_MAX bytes, given by the caller: a decrypted data area */
    hj212_packet packet; /* of the record, if it could be opened */
    bool opened, aliased;
};
/* What a record is to the store. Texts point into the record's payload, out->plain or out->text. row.outlet
 * is left 0: whose the device was is the register's to say. */
enum yw_fold yw_fold_record(const struct yw_record *record, uint16_t journal, const struct yw_fold_with *with,
                            struct yw_folded *out);
/* The whole payload as one packet, with the key that opened it when it came. False: it cannot be read, or
 * (*locked) its key is not at hand. */
bool yw_fold_open(const struct yw_record *record, const struct yw_fold_with *with, bool header_only,
                  char *plain, hj212_packet *out, bool *locked);
void yw_fold_peer(const struct yw_peer *peer, char *out, size_t size); /* "10.1.2.3:4242", "[::1]:80" */
/* Text of a packet as UTF-8, GBK converted, what cannot be read as '?'; cut where it does not fit. */
void yw_fold_text(char *out, size_t size, hj212_span text);

/* ---- fold_device.c: what a packet says about its device ---- */

/* Adds to the tally what an incoming record says of its device's dialect, clock and link, and what the device
 * asks of the host. folded: what yw_fold_record made of it. False: the tally is full, part of it may be
 * added. */
bool yw_fold_device(const struct yw_record *record, uint16_t journal, const struct yw_folded *folded,
                    struct yw_tally *tally);

/* ---- fold_command.c: lines of the acts journal that are no acts, and events ---- */

enum yw_line { YW_LINE_NONE, YW_LINE_COMMAND, YW_LINE_STATION };
/* version: of the register when the line was written. A station line fills out->row, texts in out->text. */
enum yw_line yw_fold_line(const struct yw_record *record, uint32_t version, const struct yw_fold_with *with,
                          struct yw_asked *asked, struct yw_folded *out);

enum yw_event {
    YW_EVENT_NONE,
    YW_EVENT_START,   /* a life of the worker began */
    YW_EVENT_COMMAND, /* *asked is a part of a command */
    YW_EVENT_PACKET   /* the same, and the packet at *position says more: yw_fold_event_packet */
};
enum yw_event yw_fold_event(const struct yw_record *record, uint16_t journal, struct yw_asked *asked,
                            uint64_t *position);
/* Puts the packet in place of the event that told of it. packet NULL: it was no data area to show. */
void yw_fold_event_packet(struct yw_asked *asked, const struct yw_record *record, uint16_t journal,
                          const hj212_packet *packet);

#endif
