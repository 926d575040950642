/* Findings in Chinese, and text of packets in whatever encoding it came. */
#include "web/packet_text.h"

#include "hj212.h"
#include "web/json.h"

void yw_put_packet_text(struct yw_buf *b, const char *text, size_t n) {
    struct yw_buf utf8;
    yw_buf_init(&utf8, 4 * n + 16);
    if (!yw_utf8_valid(text, n) && yw_gbk_to_utf8(text, n, &utf8)) {
        yj_text_n(b, utf8.data, utf8.len);
    } else {
        yj_text_n(b, text, n);
    }
    yw_buf_free(&utf8);
}

const char *yw_finding_zh(int code) {
    static const char *const zh[HJ212_F_COUNT] = {
        [HJ212_F_GARBAGE] = "包与包之间有不属于任何数据包的字节",
        [HJ212_F_LEN] = "长度字段与数据段不符，按校验码和包尾确定了结尾",
        [HJ212_F_LEN_DIGITS] = "长度字段为三位，应为四位",
        [HJ212_F_LEN_CHARS] = "长度按字符数而不是字节数计算",
        [HJ212_F_LEN_OVER] = "数据段超过 1024 字节",
        [HJ212_F_TAIL] = "包尾的回车换行缺失或不完整",
        [HJ212_F_CRC] = "校验码不符",
        [HJ212_F_CRC_MODBUS] = "使用了普通 Modbus CRC-16，而不是 HJ 212 的校验算法",
        [HJ212_F_CRC_CASE] = "校验码用小写字母书写",
        [HJ212_F_CRC_SWAPPED] = "校验码两个字节颠倒",
        [HJ212_F_ENCRYPTED] = "数据区已加密，没有合适的密钥",
        [HJ212_F_CIPHER_TEXT] = "加密的数据区以 {0x..} 文本书写，没有按原始字节发送",
        [HJ212_F_FIELD_ORDER] = "数据段字段的顺序不是 QN ST CN PW MN Flag PNUM PNO RF CP",
        [HJ212_F_FIELD_DOUBLE] = "数据段字段重复，以第一个为准",
        [HJ212_F_FIELD_UNKNOWN] = "任何版本都没有的数据段字段",
        [HJ212_F_SEPARATOR] = "分隔符缺失或用错",
        [HJ212_F_QN_MISSING] = "缺少请求编码 QN",
        [HJ212_F_QN] = "请求编码 QN 不是 17 位日期时间",
        [HJ212_F_ST_MISSING] = "缺少系统编码 ST",
        [HJ212_F_ST] = "系统编码 ST 不是两位数字或大写字母",
        [HJ212_F_CN_MISSING] = "缺少命令编码 CN",
        [HJ212_F_CN] = "命令编码 CN 不是四位数字",
        [HJ212_F_CN_UNKNOWN] = "任何版本都没有的命令编码 CN",
        [HJ212_F_PW_MISSING] = "缺少访问密码 PW",
        [HJ212_F_PW] = "访问密码 PW 不是 6 个字符",
        [HJ212_F_MN_MISSING] = "缺少设备唯一标识 MN",
        [HJ212_F_MN] = "设备唯一标识 MN 不符合该版本的格式",
        [HJ212_F_FLAG_MISSING] = "缺少 Flag，版本由报文形态判断",
        [HJ212_F_FLAG] = "Flag 不是 0 到 255 的数字",
        [HJ212_F_FLAG_VERSION] = "Flag 的版本位不是已知版本",
        [HJ212_F_PNUM_MISSING] = "Flag 表示分包，但缺少 PNUM 或 PNO",
        [HJ212_F_PNUM_EXTRA] = "Flag 表示不分包，却有 PNUM 或 PNO",
        [HJ212_F_PNUM] = "PNUM 与 PNO 不是满足 1 ≤ PNO ≤ PNUM 的数字",
        [HJ212_F_RF] = "RF 不是 1，或该版本没有 RF",
        [HJ212_F_CP_MISSING] = "缺少 CP=&&...&& 或没有闭合",
        [HJ212_F_CP_LONG] = "数据区超过 950 字节",
        [HJ212_F_BLANK] = "名称或数值前后有空格",
        [HJ212_F_ITEM_EMPTY] = "分隔符之间没有内容",
        [HJ212_F_ITEM_SYNTAX] = "数据项不是“名称=值”的形式",
        [HJ212_F_ITEM_DOUBLE] = "同一名称出现两次",
        [HJ212_F_FIELD_NAME] = "任何版本都没有的字段名",
        [HJ212_F_FACTOR_CODE] = "因子编码不符合该版本的格式",
        [HJ212_F_FLAG_BARE] = "数据标记 Flag 没有带所属因子",
        [HJ212_F_DATE] = "日期时间不存在或格式错误",
        [HJ212_F_DATE_MILLIS] = "14 位日期时间带了毫秒",
        [HJ212_F_DATATIME_MISSING] = "上传数据缺少 DataTime",
        [HJ212_F_NUMBER] = "数值不是数字",
        [HJ212_F_MARK] = "未知的数据标记",
        [HJ212_F_RANGE] = "参数超出标准允许的范围",
        [HJ212_F_NOT_UTF8] = "文本不是 UTF-8（按 GBK 读取）",
        [HJ212_F_CONTROL] = "数据段内有控制字符",
        [HJ212_F_NAME_CASE] = "名称的大小写与标准不同",
        [HJ212_F_ST_REPLY] = "应答的系统编码 ST 不是 91",
    };
    return code >= 0 && code < (int)YW_COUNT(zh) ? zh[code] : NULL;
}
