#include "probe/rules_form.h"

#include "base/base.h"
#include "hj212.h"

static const struct {
    const char *rule, *zh;
} table[HJ212_F_COUNT] = {
    [HJ212_F_GARBAGE] = {"form.garbage", "包与包之间有多余字节"},
    [HJ212_F_LEN] = {"form.len", "数据段长度与实际不符"},
    [HJ212_F_LEN_DIGITS] = {"form.len", "数据段长度不是 4 位数字"},
    [HJ212_F_LEN_CHARS] = {"form.len", "数据段长度按字符而不是字节计算"},
    [HJ212_F_LEN_OVER] = {"form.len", "数据段超过 1024 字节"},
    [HJ212_F_TAIL] = {"form.tail", "缺少或不完整的 CR LF"},
    [HJ212_F_CRC] = {"form.crc", "CRC 不符"},
    [HJ212_F_CRC_MODBUS] = {"form.crc", "使用了普通 Modbus CRC，而非 HJ 212 的算法"},
    [HJ212_F_CRC_CASE] = {"form.crc", "CRC 用了小写字母"},
    [HJ212_F_CRC_SWAPPED] = {"form.crc", "CRC 高低字节颠倒"},
    [HJ212_F_ENCRYPTED] = {"form.cp", "数据区已加密，没有可用的密钥"},
    [HJ212_F_CIPHER_TEXT] = {"form.cp", "加密数据区以 {0x..} 文本发送，而非原始字节"},
    [HJ212_F_FIELD_ORDER] = {"form.header", "字段顺序不正确"},
    [HJ212_F_FIELD_DOUBLE] = {"form.header", "字段重复"},
    [HJ212_F_FIELD_UNKNOWN] = {"form.header", "未知字段"},
    [HJ212_F_NAME_CASE] = {"form.header", "字段名大小写不正确"},
    [HJ212_F_SEPARATOR] = {"form.items", "分隔符缺失或错误"},
    [HJ212_F_QN_MISSING] = {"form.qn", "缺少 QN"},
    [HJ212_F_QN] = {"form.qn", "QN 不是 17 位日期时间"},
    [HJ212_F_ST_MISSING] = {"form.st", "缺少 ST"},
    [HJ212_F_ST] = {"form.st", "ST 不是两位字符"},
    [HJ212_F_ST_REPLY] = {"form.st", "应答的 ST 不是 91"},
    [HJ212_F_CN_MISSING] = {"form.cn", "缺少 CN"},
    [HJ212_F_CN] = {"form.cn", "CN 不是 4 位数字"},
    [HJ212_F_CN_UNKNOWN] = {"form.cn", "任何版本都没有的命令编码"},
    [HJ212_F_PW_MISSING] = {"form.pw", "缺少 PW"},
    [HJ212_F_PW] = {"form.pw", "PW 不是 6 位字符"},
    [HJ212_F_MN_MISSING] = {"form.mn", "缺少 MN"},
    [HJ212_F_MN] = {"form.mn", "MN 的形式不符合版本规定"},
    [HJ212_F_FLAG_MISSING] = {"form.flag", "缺少 Flag"},
    [HJ212_F_FLAG] = {"form.flag", "Flag 不是 0～255 的数"},
    [HJ212_F_FLAG_VERSION] = {"form.flag", "Flag 的版本位不是已知版本"},
    [HJ212_F_PNUM_MISSING] = {"form.split", "Flag 表示拆分，但没有 PNUM 或 PNO"},
    [HJ212_F_PNUM_EXTRA] = {"form.split", "Flag 表示不拆分，却带有 PNUM 或 PNO"},
    [HJ212_F_PNUM] = {"form.split", "PNUM、PNO 取值不正确"},
    [HJ212_F_RF] = {"form.header", "RF 取值不为 1，或该版本没有 RF"},
    [HJ212_F_CP_MISSING] = {"form.cp", "缺少 CP=&&…&& 或没有结束"},
    [HJ212_F_CP_LONG] = {"form.cp", "数据区超过 950 字节"},
    [HJ212_F_BLANK] = {"form.items", "名称或值两侧有空格"},
    [HJ212_F_ITEM_EMPTY] = {"form.items", "分隔符之间有空项目"},
    [HJ212_F_ITEM_SYNTAX] = {"form.items", "项目不是 名称=值"},
    [HJ212_F_ITEM_DOUBLE] = {"form.items", "同一名称出现两次"},
    [HJ212_F_FIELD_NAME] = {"form.names", "任何版本都没有的字段名"},
    [HJ212_F_FACTOR_CODE] = {"form.names", "因子编码的形式不符合版本规定"},
    [HJ212_F_FLAG_BARE] = {"form.names", "Flag 没有所属因子"},
    [HJ212_F_DATE] = {"form.values", "日期时间不存在或格式错误"},
    [HJ212_F_DATE_MILLIS] = {"form.values", "14 位日期带了毫秒"},
    [HJ212_F_DATATIME_MISSING] = {"form.values", "上传数据缺少 DataTime"},
    [HJ212_F_NUMBER] = {"form.values", "值不是数字"},
    [HJ212_F_MARK] = {"form.values", "未知的数据标记"},
    [HJ212_F_RANGE] = {"form.values", "参数超出标准允许的范围"},
    [HJ212_F_NOT_UTF8] = {"form.text", "文字不是 UTF-8"},
    [HJ212_F_CONTROL] = {"form.text", "数据段内有控制字符"},
};

const char *probe_finding_rule(int finding) {
    return finding >= 0 && finding < HJ212_F_COUNT ? table[finding].rule : NULL;
}

const char *probe_finding_zh(int finding) {
    const char *zh = finding >= 0 && finding < HJ212_F_COUNT ? table[finding].zh : NULL;
    return zh != NULL ? zh : "未命名的偏差";
}
