//! `JNINativeInterface_`: the table of JNI functions that a `JNIEnv` points to, through JDK 25.
//!
//! Rows are generated from `jni.h`; slot numbers are those of the JNI specification, chapter "JNI Functions".

use core::ffi::{c_char, c_void};

use super::*;
use crate::table::function_table;

function_table! {
    /// The JNI functions. Every one takes the `JNIEnv` of the calling thread first.
    ///
    /// A JVM older than a slot's version has no such slot: the table simply ends earlier, so reading it there reads
    /// past the table. Ask `GetVersion` first.
    pub struct JNINativeInterface_ (env: *mut JNIEnv) from 0 {
        0 "-" reserved reserved0();
        1 "-" reserved reserved1();
        2 "-" reserved reserved2();
        3 "-" reserved reserved3();
        4 "1.1" call GetVersion() -> jint;
        5 "1.1" call DefineClass(name: *const c_char, loader: jobject, buf: *const jbyte, len: jsize) -> jclass;
        6 "1.1" call FindClass(name: *const c_char) -> jclass;
        7 "1.2" call FromReflectedMethod(method: jobject) -> jmethodID;
        8 "1.2" call FromReflectedField(field: jobject) -> jfieldID;
        9 "1.2" call ToReflectedMethod(cls: jclass, methodID: jmethodID, isStatic: jboolean) -> jobject;
        10 "1.1" call GetSuperclass(sub: jclass) -> jclass;
        11 "1.1" call IsAssignableFrom(sub: jclass, sup: jclass) -> jboolean;
        12 "1.2" call ToReflectedField(cls: jclass, fieldID: jfieldID, isStatic: jboolean) -> jobject;
        13 "1.1" call Throw(obj: jthrowable) -> jint;
        14 "1.1" call ThrowNew(clazz: jclass, msg: *const c_char) -> jint;
        15 "1.1" call ExceptionOccurred() -> jthrowable;
        16 "1.1" call ExceptionDescribe();
        17 "1.1" call ExceptionClear();
        18 "1.1" call FatalError(msg: *const c_char);
        19 "1.2" call PushLocalFrame(capacity: jint) -> jint;
        20 "1.2" call PopLocalFrame(result: jobject) -> jobject;
        21 "1.1" call NewGlobalRef(lobj: jobject) -> jobject;
        22 "1.1" call DeleteGlobalRef(gref: jobject);
        23 "1.1" call DeleteLocalRef(obj: jobject);
        24 "1.1" call IsSameObject(obj1: jobject, obj2: jobject) -> jboolean;
        25 "1.2" call NewLocalRef(reference: jobject) -> jobject;
        26 "1.2" call EnsureLocalCapacity(capacity: jint) -> jint;
        27 "1.1" call AllocObject(clazz: jclass) -> jobject;
        28 "1.1" varargs NewObject(clazz: jclass, methodID: jmethodID, ...) -> jobject;
        29 "1.1" call NewObjectV(clazz: jclass, methodID: jmethodID, args: va_list) -> jobject;
        30 "1.1" call NewObjectA(clazz: jclass, methodID: jmethodID, args: *const jvalue) -> jobject;
        31 "1.1" call GetObjectClass(obj: jobject) -> jclass;
        32 "1.1" call IsInstanceOf(obj: jobject, clazz: jclass) -> jboolean;
        33 "1.1" call GetMethodID(clazz: jclass, name: *const c_char, sig: *const c_char) -> jmethodID;
        34 "1.1" varargs CallObjectMethod(obj: jobject, methodID: jmethodID, ...) -> jobject;
        35 "1.1" call CallObjectMethodV(obj: jobject, methodID: jmethodID, args: va_list) -> jobject;
        36 "1.1" call CallObjectMethodA(obj: jobject, methodID: jmethodID, args: *const jvalue) -> jobject;
        37 "1.1" varargs CallBooleanMethod(obj: jobject, methodID: jmethodID, ...) -> jboolean;
        38 "1.1" call CallBooleanMethodV(obj: jobject, methodID: jmethodID, args: va_list) -> jboolean;
        39 "1.1" call CallBooleanMethodA(obj: jobject, methodID: jmethodID, args: *const jvalue) -> jboolean;
        40 "1.1" varargs CallByteMethod(obj: jobject, methodID: jmethodID, ...) -> jbyte;
        41 "1.1" call CallByteMethodV(obj: jobject, methodID: jmethodID, args: va_list) -> jbyte;
        42 "1.1" call CallByteMethodA(obj: jobject, methodID: jmethodID, args: *const jvalue) -> jbyte;
        43 "1.1" varargs CallCharMethod(obj: jobject, methodID: jmethodID, ...) -> jchar;
        44 "1.1" call CallCharMethodV(obj: jobject, methodID: jmethodID, args: va_list) -> jchar;
        45 "1.1" call CallCharMethodA(obj: jobject, methodID: jmethodID, args: *const jvalue) -> jchar;
        46 "1.1" varargs CallShortMethod(obj: jobject, methodID: jmethodID, ...) -> jshort;
        47 "1.1" call CallShortMethodV(obj: jobject, methodID: jmethodID, args: va_list) -> jshort;
        48 "1.1" call CallShortMethodA(obj: jobject, methodID: jmethodID, args: *const jvalue) -> jshort;
        49 "1.1" varargs CallIntMethod(obj: jobject, methodID: jmethodID, ...) -> jint;
        50 "1.1" call CallIntMethodV(obj: jobject, methodID: jmethodID, args: va_list) -> jint;
        51 "1.1" call CallIntMethodA(obj: jobject, methodID: jmethodID, args: *const jvalue) -> jint;
        52 "1.1" varargs CallLongMethod(obj: jobject, methodID: jmethodID, ...) -> jlong;
        53 "1.1" call CallLongMethodV(obj: jobject, methodID: jmethodID, args: va_list) -> jlong;
        54 "1.1" call CallLongMethodA(obj: jobject, methodID: jmethodID, args: *const jvalue) -> jlong;
        55 "1.1" varargs CallFloatMethod(obj: jobject, methodID: jmethodID, ...) -> jfloat;
        56 "1.1" call CallFloatMethodV(obj: jobject, methodID: jmethodID, args: va_list) -> jfloat;
        57 "1.1" call CallFloatMethodA(obj: jobject, methodID: jmethodID, args: *const jvalue) -> jfloat;
        58 "1.1" varargs CallDoubleMethod(obj: jobject, methodID: jmethodID, ...) -> jdouble;
        59 "1.1" call CallDoubleMethodV(obj: jobject, methodID: jmethodID, args: va_list) -> jdouble;
        60 "1.1" call CallDoubleMethodA(obj: jobject, methodID: jmethodID, args: *const jvalue) -> jdouble;
        61 "1.1" varargs CallVoidMethod(obj: jobject, methodID: jmethodID, ...);
        62 "1.1" call CallVoidMethodV(obj: jobject, methodID: jmethodID, args: va_list);
        63 "1.1" call CallVoidMethodA(obj: jobject, methodID: jmethodID, args: *const jvalue);
        64 "1.1" varargs CallNonvirtualObjectMethod(obj: jobject, clazz: jclass, methodID: jmethodID, ...) -> jobject;
        65 "1.1" call CallNonvirtualObjectMethodV(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: va_list,
        ) -> jobject;
        66 "1.1" call CallNonvirtualObjectMethodA(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: *const jvalue,
        ) -> jobject;
        67 "1.1" varargs CallNonvirtualBooleanMethod(obj: jobject, clazz: jclass, methodID: jmethodID, ...) -> jboolean;
        68 "1.1" call CallNonvirtualBooleanMethodV(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: va_list,
        ) -> jboolean;
        69 "1.1" call CallNonvirtualBooleanMethodA(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: *const jvalue,
        ) -> jboolean;
        70 "1.1" varargs CallNonvirtualByteMethod(obj: jobject, clazz: jclass, methodID: jmethodID, ...) -> jbyte;
        71 "1.1" call CallNonvirtualByteMethodV(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: va_list,
        ) -> jbyte;
        72 "1.1" call CallNonvirtualByteMethodA(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: *const jvalue,
        ) -> jbyte;
        73 "1.1" varargs CallNonvirtualCharMethod(obj: jobject, clazz: jclass, methodID: jmethodID, ...) -> jchar;
        74 "1.1" call CallNonvirtualCharMethodV(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: va_list,
        ) -> jchar;
        75 "1.1" call CallNonvirtualCharMethodA(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: *const jvalue,
        ) -> jchar;
        76 "1.1" varargs CallNonvirtualShortMethod(obj: jobject, clazz: jclass, methodID: jmethodID, ...) -> jshort;
        77 "1.1" call CallNonvirtualShortMethodV(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: va_list,
        ) -> jshort;
        78 "1.1" call CallNonvirtualShortMethodA(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: *const jvalue,
        ) -> jshort;
        79 "1.1" varargs CallNonvirtualIntMethod(obj: jobject, clazz: jclass, methodID: jmethodID, ...) -> jint;
        80 "1.1" call CallNonvirtualIntMethodV(obj: jobject, clazz: jclass, methodID: jmethodID, args: va_list) -> jint;
        81 "1.1" call CallNonvirtualIntMethodA(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: *const jvalue,
        ) -> jint;
        82 "1.1" varargs CallNonvirtualLongMethod(obj: jobject, clazz: jclass, methodID: jmethodID, ...) -> jlong;
        83 "1.1" call CallNonvirtualLongMethodV(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: va_list,
        ) -> jlong;
        84 "1.1" call CallNonvirtualLongMethodA(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: *const jvalue,
        ) -> jlong;
        85 "1.1" varargs CallNonvirtualFloatMethod(obj: jobject, clazz: jclass, methodID: jmethodID, ...) -> jfloat;
        86 "1.1" call CallNonvirtualFloatMethodV(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: va_list,
        ) -> jfloat;
        87 "1.1" call CallNonvirtualFloatMethodA(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: *const jvalue,
        ) -> jfloat;
        88 "1.1" varargs CallNonvirtualDoubleMethod(obj: jobject, clazz: jclass, methodID: jmethodID, ...) -> jdouble;
        89 "1.1" call CallNonvirtualDoubleMethodV(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: va_list,
        ) -> jdouble;
        90 "1.1" call CallNonvirtualDoubleMethodA(
            obj: jobject, clazz: jclass, methodID: jmethodID, args: *const jvalue,
        ) -> jdouble;
        91 "1.1" varargs CallNonvirtualVoidMethod(obj: jobject, clazz: jclass, methodID: jmethodID, ...);
        92 "1.1" call CallNonvirtualVoidMethodV(obj: jobject, clazz: jclass, methodID: jmethodID, args: va_list);
        93 "1.1" call CallNonvirtualVoidMethodA(obj: jobject, clazz: jclass, methodID: jmethodID, args: *const jvalue);
        94 "1.1" call GetFieldID(clazz: jclass, name: *const c_char, sig: *const c_char) -> jfieldID;
        95 "1.1" call GetObjectField(obj: jobject, fieldID: jfieldID) -> jobject;
        96 "1.1" call GetBooleanField(obj: jobject, fieldID: jfieldID) -> jboolean;
        97 "1.1" call GetByteField(obj: jobject, fieldID: jfieldID) -> jbyte;
        98 "1.1" call GetCharField(obj: jobject, fieldID: jfieldID) -> jchar;
        99 "1.1" call GetShortField(obj: jobject, fieldID: jfieldID) -> jshort;
        100 "1.1" call GetIntField(obj: jobject, fieldID: jfieldID) -> jint;
        101 "1.1" call GetLongField(obj: jobject, fieldID: jfieldID) -> jlong;
        102 "1.1" call GetFloatField(obj: jobject, fieldID: jfieldID) -> jfloat;
        103 "1.1" call GetDoubleField(obj: jobject, fieldID: jfieldID) -> jdouble;
        104 "1.1" call SetObjectField(obj: jobject, fieldID: jfieldID, val: jobject);
        105 "1.1" call SetBooleanField(obj: jobject, fieldID: jfieldID, val: jboolean);
        106 "1.1" call SetByteField(obj: jobject, fieldID: jfieldID, val: jbyte);
        107 "1.1" call SetCharField(obj: jobject, fieldID: jfieldID, val: jchar);
        108 "1.1" call SetShortField(obj: jobject, fieldID: jfieldID, val: jshort);
        109 "1.1" call SetIntField(obj: jobject, fieldID: jfieldID, val: jint);
        110 "1.1" call SetLongField(obj: jobject, fieldID: jfieldID, val: jlong);
        111 "1.1" call SetFloatField(obj: jobject, fieldID: jfieldID, val: jfloat);
        112 "1.1" call SetDoubleField(obj: jobject, fieldID: jfieldID, val: jdouble);
        113 "1.1" call GetStaticMethodID(clazz: jclass, name: *const c_char, sig: *const c_char) -> jmethodID;
        114 "1.1" varargs CallStaticObjectMethod(clazz: jclass, methodID: jmethodID, ...) -> jobject;
        115 "1.1" call CallStaticObjectMethodV(clazz: jclass, methodID: jmethodID, args: va_list) -> jobject;
        116 "1.1" call CallStaticObjectMethodA(clazz: jclass, methodID: jmethodID, args: *const jvalue) -> jobject;
        117 "1.1" varargs CallStaticBooleanMethod(clazz: jclass, methodID: jmethodID, ...) -> jboolean;
        118 "1.1" call CallStaticBooleanMethodV(clazz: jclass, methodID: jmethodID, args: va_list) -> jboolean;
        119 "1.1" call CallStaticBooleanMethodA(clazz: jclass, methodID: jmethodID, args: *const jvalue) -> jboolean;
        120 "1.1" varargs CallStaticByteMethod(clazz: jclass, methodID: jmethodID, ...) -> jbyte;
        121 "1.1" call CallStaticByteMethodV(clazz: jclass, methodID: jmethodID, args: va_list) -> jbyte;
        122 "1.1" call CallStaticByteMethodA(clazz: jclass, methodID: jmethodID, args: *const jvalue) -> jbyte;
        123 "1.1" varargs CallStaticCharMethod(clazz: jclass, methodID: jmethodID, ...) -> jchar;
        124 "1.1" call CallStaticCharMethodV(clazz: jclass, methodID: jmethodID, args: va_list) -> jchar;
        125 "1.1" call CallStaticCharMethodA(clazz: jclass, methodID: jmethodID, args: *const jvalue) -> jchar;
        126 "1.1" varargs CallStaticShortMethod(clazz: jclass, methodID: jmethodID, ...) -> jshort;
        127 "1.1" call CallStaticShortMethodV(clazz: jclass, methodID: jmethodID, args: va_list) -> jshort;
        128 "1.1" call CallStaticShortMethodA(clazz: jclass, methodID: jmethodID, args: *const jvalue) -> jshort;
        129 "1.1" varargs CallStaticIntMethod(clazz: jclass, methodID: jmethodID, ...) -> jint;
        130 "1.1" call CallStaticIntMethodV(clazz: jclass, methodID: jmethodID, args: va_list) -> jint;
        131 "1.1" call CallStaticIntMethodA(clazz: jclass, methodID: jmethodID, args: *const jvalue) -> jint;
        132 "1.1" varargs CallStaticLongMethod(clazz: jclass, methodID: jmethodID, ...) -> jlong;
        133 "1.1" call CallStaticLongMethodV(clazz: jclass, methodID: jmethodID, args: va_list) -> jlong;
        134 "1.1" call CallStaticLongMethodA(clazz: jclass, methodID: jmethodID, args: *const jvalue) -> jlong;
        135 "1.1" varargs CallStaticFloatMethod(clazz: jclass, methodID: jmethodID, ...) -> jfloat;
        136 "1.1" call CallStaticFloatMethodV(clazz: jclass, methodID: jmethodID, args: va_list) -> jfloat;
        137 "1.1" call CallStaticFloatMethodA(clazz: jclass, methodID: jmethodID, args: *const jvalue) -> jfloat;
        138 "1.1" varargs CallStaticDoubleMethod(clazz: jclass, methodID: jmethodID, ...) -> jdouble;
        139 "1.1" call CallStaticDoubleMethodV(clazz: jclass, methodID: jmethodID, args: va_list) -> jdouble;
        140 "1.1" call CallStaticDoubleMethodA(clazz: jclass, methodID: jmethodID, args: *const jvalue) -> jdouble;
        141 "1.1" varargs CallStaticVoidMethod(cls: jclass, methodID: jmethodID, ...);
        142 "1.1" call CallStaticVoidMethodV(cls: jclass, methodID: jmethodID, args: va_list);
        143 "1.1" call CallStaticVoidMethodA(cls: jclass, methodID: jmethodID, args: *const jvalue);
        144 "1.1" call GetStaticFieldID(clazz: jclass, name: *const c_char, sig: *const c_char) -> jfieldID;
        145 "1.1" call GetStaticObjectField(clazz: jclass, fieldID: jfieldID) -> jobject;
        146 "1.1" call GetStaticBooleanField(clazz: jclass, fieldID: jfieldID) -> jboolean;
        147 "1.1" call GetStaticByteField(clazz: jclass, fieldID: jfieldID) -> jbyte;
        148 "1.1" call GetStaticCharField(clazz: jclass, fieldID: jfieldID) -> jchar;
        149 "1.1" call GetStaticShortField(clazz: jclass, fieldID: jfieldID) -> jshort;
        150 "1.1" call GetStaticIntField(clazz: jclass, fieldID: jfieldID) -> jint;
        151 "1.1" call GetStaticLongField(clazz: jclass, fieldID: jfieldID) -> jlong;
        152 "1.1" call GetStaticFloatField(clazz: jclass, fieldID: jfieldID) -> jfloat;
        153 "1.1" call GetStaticDoubleField(clazz: jclass, fieldID: jfieldID) -> jdouble;
        154 "1.1" call SetStaticObjectField(clazz: jclass, fieldID: jfieldID, value: jobject);
        155 "1.1" call SetStaticBooleanField(clazz: jclass, fieldID: jfieldID, value: jboolean);
        156 "1.1" call SetStaticByteField(clazz: jclass, fieldID: jfieldID, value: jbyte);
        157 "1.1" call SetStaticCharField(clazz: jclass, fieldID: jfieldID, value: jchar);
        158 "1.1" call SetStaticShortField(clazz: jclass, fieldID: jfieldID, value: jshort);
        159 "1.1" call SetStaticIntField(clazz: jclass, fieldID: jfieldID, value: jint);
        160 "1.1" call SetStaticLongField(clazz: jclass, fieldID: jfieldID, value: jlong);
        161 "1.1" call SetStaticFloatField(clazz: jclass, fieldID: jfieldID, value: jfloat);
        162 "1.1" call SetStaticDoubleField(clazz: jclass, fieldID: jfieldID, value: jdouble);
        163 "1.1" call NewString(unicode: *const jchar, len: jsize) -> jstring;
        164 "1.1" call GetStringLength(str: jstring) -> jsize;
        165 "1.1" call GetStringChars(str: jstring, isCopy: *mut jboolean) -> *const jchar;
        166 "1.1" call ReleaseStringChars(str: jstring, chars: *const jchar);
        167 "1.1" call NewStringUTF(utf: *const c_char) -> jstring;
        168 "1.1" call GetStringUTFLength(str: jstring) -> jsize;
        169 "1.1" call GetStringUTFChars(str: jstring, isCopy: *mut jboolean) -> *const c_char;
        170 "1.1" call ReleaseStringUTFChars(str: jstring, chars: *const c_char);
        171 "1.1" call GetArrayLength(array: jarray) -> jsize;
        172 "1.1" call NewObjectArray(len: jsize, clazz: jclass, init: jobject) -> jobjectArray;
        173 "1.1" call GetObjectArrayElement(array: jobjectArray, index: jsize) -> jobject;
        174 "1.1" call SetObjectArrayElement(array: jobjectArray, index: jsize, val: jobject);
        175 "1.1" call NewBooleanArray(len: jsize) -> jbooleanArray;
        176 "1.1" call NewByteArray(len: jsize) -> jbyteArray;
        177 "1.1" call NewCharArray(len: jsize) -> jcharArray;
        178 "1.1" call NewShortArray(len: jsize) -> jshortArray;
        179 "1.1" call NewIntArray(len: jsize) -> jintArray;
        180 "1.1" call NewLongArray(len: jsize) -> jlongArray;
        181 "1.1" call NewFloatArray(len: jsize) -> jfloatArray;
        182 "1.1" call NewDoubleArray(len: jsize) -> jdoubleArray;
        183 "1.1" call GetBooleanArrayElements(array: jbooleanArray, isCopy: *mut jboolean) -> *mut jboolean;
        184 "1.1" call GetByteArrayElements(array: jbyteArray, isCopy: *mut jboolean) -> *mut jbyte;
        185 "1.1" call GetCharArrayElements(array: jcharArray, isCopy: *mut jboolean) -> *mut jchar;
        186 "1.1" call GetShortArrayElements(array: jshortArray, isCopy: *mut jboolean) -> *mut jshort;
        187 "1.1" call GetIntArrayElements(array: jintArray, isCopy: *mut jboolean) -> *mut jint;
        188 "1.1" call GetLongArrayElements(array: jlongArray, isCopy: *mut jboolean) -> *mut jlong;
        189 "1.1" call GetFloatArrayElements(array: jfloatArray, isCopy: *mut jboolean) -> *mut jfloat;
        190 "1.1" call GetDoubleArrayElements(array: jdoubleArray, isCopy: *mut jboolean) -> *mut jdouble;
        191 "1.1" call ReleaseBooleanArrayElements(array: jbooleanArray, elems: *mut jboolean, mode: jint);
        192 "1.1" call ReleaseByteArrayElements(array: jbyteArray, elems: *mut jbyte, mode: jint);
        193 "1.1" call ReleaseCharArrayElements(array: jcharArray, elems: *mut jchar, mode: jint);
        194 "1.1" call ReleaseShortArrayElements(array: jshortArray, elems: *mut jshort, mode: jint);
        195 "1.1" call ReleaseIntArrayElements(array: jintArray, elems: *mut jint, mode: jint);
        196 "1.1" call ReleaseLongArrayElements(array: jlongArray, elems: *mut jlong, mode: jint);
        197 "1.1" call ReleaseFloatArrayElements(array: jfloatArray, elems: *mut jfloat, mode: jint);
        198 "1.1" call ReleaseDoubleArrayElements(array: jdoubleArray, elems: *mut jdouble, mode: jint);
        199 "1.1" call GetBooleanArrayRegion(array: jbooleanArray, start: jsize, l: jsize, buf: *mut jboolean);
        200 "1.1" call GetByteArrayRegion(array: jbyteArray, start: jsize, len: jsize, buf: *mut jbyte);
        201 "1.1" call GetCharArrayRegion(array: jcharArray, start: jsize, len: jsize, buf: *mut jchar);
        202 "1.1" call GetShortArrayRegion(array: jshortArray, start: jsize, len: jsize, buf: *mut jshort);
        203 "1.1" call GetIntArrayRegion(array: jintArray, start: jsize, len: jsize, buf: *mut jint);
        204 "1.1" call GetLongArrayRegion(array: jlongArray, start: jsize, len: jsize, buf: *mut jlong);
        205 "1.1" call GetFloatArrayRegion(array: jfloatArray, start: jsize, len: jsize, buf: *mut jfloat);
        206 "1.1" call GetDoubleArrayRegion(array: jdoubleArray, start: jsize, len: jsize, buf: *mut jdouble);
        207 "1.1" call SetBooleanArrayRegion(array: jbooleanArray, start: jsize, l: jsize, buf: *const jboolean);
        208 "1.1" call SetByteArrayRegion(array: jbyteArray, start: jsize, len: jsize, buf: *const jbyte);
        209 "1.1" call SetCharArrayRegion(array: jcharArray, start: jsize, len: jsize, buf: *const jchar);
        210 "1.1" call SetShortArrayRegion(array: jshortArray, start: jsize, len: jsize, buf: *const jshort);
        211 "1.1" call SetIntArrayRegion(array: jintArray, start: jsize, len: jsize, buf: *const jint);
        212 "1.1" call SetLongArrayRegion(array: jlongArray, start: jsize, len: jsize, buf: *const jlong);
        213 "1.1" call SetFloatArrayRegion(array: jfloatArray, start: jsize, len: jsize, buf: *const jfloat);
        214 "1.1" call SetDoubleArrayRegion(array: jdoubleArray, start: jsize, len: jsize, buf: *const jdouble);
        215 "1.1" call RegisterNatives(clazz: jclass, methods: *const JNINativeMethod, nMethods: jint) -> jint;
        216 "1.1" call UnregisterNatives(clazz: jclass) -> jint;
        217 "1.1" call MonitorEnter(obj: jobject) -> jint;
        218 "1.1" call MonitorExit(obj: jobject) -> jint;
        219 "1.1" call GetJavaVM(vm: *mut *mut JavaVM) -> jint;
        220 "1.2" call GetStringRegion(str: jstring, start: jsize, len: jsize, buf: *mut jchar);
        221 "1.2" call GetStringUTFRegion(str: jstring, start: jsize, len: jsize, buf: *mut c_char);
        222 "1.2" call GetPrimitiveArrayCritical(array: jarray, isCopy: *mut jboolean) -> *mut c_void;
        223 "1.2" call ReleasePrimitiveArrayCritical(array: jarray, carray: *mut c_void, mode: jint);
        224 "1.2" call GetStringCritical(string: jstring, isCopy: *mut jboolean) -> *const jchar;
        225 "1.2" call ReleaseStringCritical(string: jstring, cstring: *const jchar);
        226 "1.2" call NewWeakGlobalRef(obj: jobject) -> jweak;
        227 "1.2" call DeleteWeakGlobalRef(reference: jweak);
        228 "1.2" call ExceptionCheck() -> jboolean;
        229 "1.4" call NewDirectByteBuffer(address: *mut c_void, capacity: jlong) -> jobject;
        230 "1.4" call GetDirectBufferAddress(buf: jobject) -> *mut c_void;
        231 "1.4" call GetDirectBufferCapacity(buf: jobject) -> jlong;
        232 "1.6" call GetObjectRefType(obj: jobject) -> jobjectRefType;
        233 "9" call GetModule(clazz: jclass) -> jobject;
        234 "21" call IsVirtualThread(obj: jobject) -> jboolean;
        235 "24" call GetStringUTFLengthAsLong(str: jstring) -> jlong;
    }
}
