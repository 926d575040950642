/* What goes out: texts of notices, bodies for robots and gateways, e-mail, and which addresses are public. */
#include "web/delivery.h"

#include "web/json.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>
#include <string.h>

void yw_delivery_write(struct yw_delivery *d, const struct yw_delivery_words *w) {
    (void)yw_copy(d->number, sizeof d->number, w->number, strlen(w->number));
    switch (d->channel) {
    case YW_CHANNEL_WECOM:
    case YW_CHANNEL_DINGTALK:
        d->subject[0] = '\0';
        snprintf(d->text, sizeof d->text, "%s %s", w->number, w->link);
        break;
    case YW_CHANNEL_SMS: /* goes through a stranger's gateway: no names either */
        d->subject[0] = '\0';
        snprintf(d->text, sizeof d->text, "%s%s%s %s %s", w->domain, w->domain[0] != '\0' ? " " : "", w->what,
                 w->number, w->link);
        break;
    default:
        snprintf(d->subject, sizeof d->subject, "%s%s%s", w->what, w->what[0] != '\0' ? " " : "", w->number);
        snprintf(d->text, sizeof d->text, "%s%s%s %s\n%s\n%s\n\n%s\n", w->domain,
                 w->domain[0] != '\0' ? "\n" : "", w->what, w->number, w->detail, w->link, yw_standing_zh);
    }
}

bool yw_robot_body(struct yw_buf *b, uint8_t channel, const char *text) {
    YW_UNUSED(channel); /* both understand the same */
    yj_open(b, '{');
    yj_put_text(b, "msgtype", "text");
    yj_key(b, "text");
    yj_open(b, '{');
    yj_put_text(b, "content", text);
    yj_close(b, '}');
    yj_close(b, '}');
    return !b->failed;
}

static void put_escaped(struct yw_buf *b, const char *text, const char *how) {
    if (strcmp(how, "json") == 0) {
        struct yw_buf quoted;
        yw_buf_init(&quoted, 16 << 10);
        if (yw_buf_json(&quoted, text, strlen(text))) yw_buf_add(b, quoted.data + 1, quoted.len - 2);
        yw_buf_free(&quoted);
        return;
    }
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     strchr("-._~", c) != NULL;
        if (plain || how[0] == '\0') {
            yw_buf_putc(b, *text);
        } else {
            yw_buf_printf(b, "%%%02X", c);
        }
    }
}

bool yw_template_fill(struct yw_buf *b, const char *text, const char *how, const char *phone,
                      const char *number, const char *message) {
    const struct {
        const char *name, *value;
    } holes[] = {{"{phone}", phone}, {"{number}", number}, {"{text}", message}};
    while (*text != '\0') {
        size_t i = 0;
        while (i < YW_COUNT(holes) && strncmp(text, holes[i].name, strlen(holes[i].name)) != 0) i++;
        if (i == YW_COUNT(holes)) {
            yw_buf_putc(b, *text++);
        } else {
            put_escaped(b, holes[i].value, how);
            text += strlen(holes[i].name);
        }
    }
    return !b->failed;
}

static void put_base64(struct yw_buf *b, const char *text, size_t n) {
    char line[128];
    for (size_t i = 0; i < n; i += 54) {
        size_t part = n - i < 54 ? n - i : 54;
        sodium_bin2base64(line, sizeof line, (const unsigned char *)text + i, part,
                          sodium_base64_VARIANT_ORIGINAL);
        yw_buf_puts(b, line);
        yw_buf_puts(b, "\r\n");
    }
}

bool yw_mail_write(struct yw_buf *b, const char *from, const char *to, const char *subject, const char *text,
                   int64_t now, int64_t id) {
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct yw_civil c;
    char coded[sodium_base64_ENCODED_LEN(240, sodium_base64_VARIANT_ORIGINAL)];
    yw_time_to_civil(now, YW_CHINA, &c);
    const char *host = strrchr(from, '@');
    sodium_bin2base64(coded, sizeof coded, (const unsigned char *)subject, strnlen(subject, 239),
                      sodium_base64_VARIANT_ORIGINAL);
    yw_buf_printf(b, "Date: %s, %02d %s %04d %02d:%02d:%02d +0800\r\n",
                  days[((yw_china_day(now) % 7) + 7) % 7], c.day, months[c.month - 1], c.year, c.hour,
                  c.minute, c.second);
    yw_buf_printf(b, "From: <%s>\r\nTo: <%s>\r\nMessage-ID: <%lld.%lld@%s>\r\n", from, to, (long long)id,
                  (long long)now, host != NULL ? host + 1 : "yanwu");
    yw_buf_printf(b, "Subject: =?UTF-8?B?%s?=\r\nMIME-Version: 1.0\r\n", coded);
    yw_buf_puts(b, "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    put_base64(b, text, strlen(text));
    return !b->failed;
}

/* ---- addresses ---- */

static bool v4_is_public(uint32_t a) {
    static const struct {
        uint32_t net;
        int bits;
    } others[] = {{0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},  {0xA9FE0000, 16},
                  {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24}, {0xC0A80000, 16}, {0xC6120000, 15},
                  {0xC6336400, 24}, {0xCB007100, 24}, {0xE0000000, 3}};
    for (size_t i = 0; i < YW_COUNT(others); i++) {
        if (((a ^ others[i].net) >> (32 - others[i].bits)) == 0) return false;
    }
    return true;
}

bool yw_address_is_public(const struct sockaddr *sa) {
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        return v4_is_public(ntohl(in.sin_addr.s_addr));
    }
    if (sa->sa_family != AF_INET6) return false;
    struct sockaddr_in6 in6;
    memcpy(&in6, sa, sizeof in6);
    const uint8_t *a = in6.sin6_addr.s6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
        uint32_t v4;
        memcpy(&v4, a + 12, sizeof v4);
        return v4_is_public(ntohl(v4));
    }
    /* 2000::/3 without 2001:db8::/32 and 6to4, which would reach any IPv4 address. */
    return (a[0] & 0xE0) == 0x20 && !(a[0] == 0x20 && a[1] == 0x02) &&
           !(a[0] == 0x20 && a[1] == 0x01 && a[2] == 0x0d && a[3] == 0xb8);
}
