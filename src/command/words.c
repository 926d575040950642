/* What QnRtn and ExeRtn say (HJ 212-2017 tables of return codes; 2005 has 1 to 3 and 1, 2, 100 of them). */
#include "command/command.h"

const struct yw_return_word yw_qnrtn_words[] = {
    {1, "准备执行请求", "ready to execute"},
    {2, "请求被拒绝", "refused"},
    {3, "PW 错误", "wrong PW"},
    {4, "MN 错误", "wrong MN"},
    {5, "ST 错误", "wrong ST"},
    {6, "Flag 错误", "wrong Flag"},
    {7, "QN 错误", "wrong QN"},
    {8, "CN 错误", "wrong CN"},
    {9, "CRC 校验错误", "wrong CRC"},
    {100, "未知错误", "unknown error"},
};
const size_t yw_qnrtn_word_n = YW_COUNT(yw_qnrtn_words);

const struct yw_return_word yw_exertn_words[] = {
    {1, "执行成功", "done"},
    {2, "执行失败，但不知道原因", "failed for an unknown reason"},
    {3, "命令请求条件错误", "wrong conditions in the request"},
    {4, "通讯超时", "communication time-out"},
    {5, "系统繁忙不能执行", "busy"},
    {6, "系统故障", "system fault"},
    {100, "没有数据", "no data"},
};
const size_t yw_exertn_word_n = YW_COUNT(yw_exertn_words);

static const char *word_of(const struct yw_return_word *words, size_t n, int code, bool zh) {
    for (size_t i = 0; i < n; i++)
        if (words[i].code == code) return zh ? words[i].zh : words[i].en;
    return zh ? "标准未规定的返回码" : "a code the standards do not define";
}

const char *yw_qnrtn_text(int code, bool zh) {
    return word_of(yw_qnrtn_words, yw_qnrtn_word_n, code, zh);
}

const char *yw_exertn_text(int code, bool zh) {
    return word_of(yw_exertn_words, yw_exertn_word_n, code, zh);
}
