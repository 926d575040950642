/* What the standards demand, one sentence for each finding. 2005 and 2025 are named where they differ from
 * 2017. */
#include "hj212_cli.h"

static const char *const rules[HJ212_F_COUNT] = {
    [HJ212_F_GARBAGE] =
        "Frame: ## + LEN + data segment + CRC + CR LF, one behind the other with nothing between.",
    [HJ212_F_LEN] = "Frame: LEN is the length of the data segment alone, without ##, LEN, CRC and CR LF.",
    [HJ212_F_LEN_DIGITS] = "Frame: LEN has four decimal digits, filled with zeros (255 is 0255).",
    [HJ212_F_LEN_CHARS] = "Frame: only a LEN in bytes lets a stream be cut where text holds Chinese.",
    [HJ212_F_LEN_OVER] = "Frame: a data segment has at most 1024 bytes; longer content is split (PNUM, PNO).",
    [HJ212_F_TAIL] = "Frame: CR LF ends every packet.",
    [HJ212_F_CRC] = "CRC: over the data segment, plain also where it is sent encrypted.",
    [HJ212_F_CRC_MODBUS] =
        "CRC: at each byte the register is shifted right by eight and only then XORed with the byte.",
    [HJ212_F_CRC_CASE] = "CRC: the standards print the hexadecimal digits in upper case.",
    [HJ212_F_CRC_SWAPPED] = "CRC: the high byte is printed first.",
    [HJ212_F_ENCRYPTED] =
        "Encryption (2025): SM4-ECB over full blocks of the data area. Give the key with --key.",
    [HJ212_F_CIPHER_TEXT] =
        "Encryption (2025): the cipher is sent as raw bytes; {0x..} is how the standard prints them.",
    [HJ212_F_FIELD_ORDER] = "Data segment: QN, ST, CN, PW, MN, Flag, PNUM, PNO, RF (2025), CP in this order.",
    [HJ212_F_FIELD_DOUBLE] = "Data segment: each header field stands once.",
    [HJ212_F_FIELD_UNKNOWN] =
        "Data segment: the header has no other fields than the ten that the standard lists.",
    [HJ212_F_NAME_CASE] = "Data segment: names are case sensitive.",
    [HJ212_F_SEPARATOR] =
        "Data segment: ; between fields and between projects, a comma between items of one project.",
    [HJ212_F_QN_MISSING] = "QN: every packet carries one; replies repeat that of the request.",
    [HJ212_F_QN] = "QN: the time to the millisecond, YYYYMMDDhhmmsszzz.",
    [HJ212_F_ST_MISSING] = "ST: every packet carries one.",
    [HJ212_F_ST] = "ST: two characters of 0-9 and A-Z.",
    [HJ212_F_ST_REPLY] = "ST: replies (9011 to 9014) belong to the system interaction, ST=91.",
    [HJ212_F_CN_MISSING] = "CN: every packet carries one.",
    [HJ212_F_CN] = "CN: four digits.",
    [HJ212_F_CN_UNKNOWN] = "CN: the standards' lists of commands; others need an agreement with the host.",
    [HJ212_F_PW_MISSING] = "PW: every packet carries one.",
    [HJ212_F_PW] = "PW: six characters.",
    [HJ212_F_MN_MISSING] = "MN: every packet carries one.",
    [HJ212_F_MN] =
        "MN: 24 characters of 0-9 and A-F; 14 characters in 2005; empty in 2025 before activation.",
    [HJ212_F_FLAG_MISSING] =
        "Flag: every packet since 2017 carries one; it tells version, answer and splitting.",
    [HJ212_F_FLAG] = "Flag: a decimal number of 0 to 255.",
    [HJ212_F_FLAG_VERSION] = "Flag: bits 2 to 7 are the version: 0 for 2005, 1 for 2017, 2 for 2025.",
    [HJ212_F_PNUM_MISSING] = "Flag: bit 1 says that PNUM and PNO are present.",
    [HJ212_F_PNUM_EXTRA] = "Flag: bit 1 is set where PNUM and PNO are present.",
    [HJ212_F_PNUM] = "PNUM, PNO: number of packets and number of this packet, counted from 1.",
    [HJ212_F_RF] = "RF (2025): RF=1 marks backfilled data; otherwise the field is left out.",
    [HJ212_F_CP_MISSING] = "CP: the data area stands between CP=&& and &&, also where it is empty.",
    [HJ212_F_CP_LONG] = "CP: a data area has at most 950 bytes.",
    [HJ212_F_BLANK] = "Data area: names and values stand without blanks.",
    [HJ212_F_ITEM_EMPTY] = "Data area: a separator stands between two items, none before the closing &&.",
    [HJ212_F_ITEM_SYNTAX] = "Data area: an item is name=value.",
    [HJ212_F_ITEM_DOUBLE] = "Data area: a field of a factor has one value.",
    [HJ212_F_FIELD_NAME] =
        "Data area: the standard's table of fields; others need an agreement with the host.",
    [HJ212_F_FACTOR_CODE] =
        "Data area: codes of HJ 524 and HJ 525 (a or w and five digits); 2005 had codes of its own.",
    [HJ212_F_FLAG_BARE] = "Data area: a mark is sent as code-Flag.",
    [HJ212_F_DATE] = "Data area: times are YYYYMMDDhhmmss in Beijing time and exist in the calendar.",
    [HJ212_F_DATE_MILLIS] = "Data area: times have 14 digits; only QN and SKCreateTime have milliseconds.",
    [HJ212_F_DATATIME_MISSING] = "Data area: uploads of data carry DataTime.",
    [HJ212_F_NUMBER] = "Data area: numbers are decimal, with sign and point only.",
    [HJ212_F_MARK] = "Data area: the standard's table of data marks.",
    [HJ212_F_RANGE] = "Data area: the standard's table of fields gives the range or width.",
    [HJ212_F_NOT_UTF8] = "Text: Chinese is sent in UTF-8.",
    [HJ212_F_CONTROL] = "Text: the data segment holds printable characters only.",
};

const char *hj212_rule_text(int finding) {
    return finding >= 0 && finding < HJ212_F_COUNT && rules[finding] ? rules[finding] : "";
}
