#include "demo/boundedstore_p.h"

#include <gtest/gtest.h>

using namespace McpAuth::Demo;

TEST(BoundedStore, FindsChangesAndRemovesByName)
{
    BoundedStore<int> store;
    store.insert("a", 1);
    store.insert("b", 2);
    *store.find("a") = 3;
    EXPECT_EQ(*store.find("a"), 3);
    EXPECT_EQ(store.find("c"), nullptr);
    EXPECT_EQ(store.find(""), nullptr);
    store.remove("a");
    store.remove("c");
    EXPECT_EQ(store.find("a"), nullptr);
    EXPECT_EQ(*store.find("b"), 2);
    EXPECT_EQ(store.size(), 1);
}

TEST(BoundedStore, ForgetsTheOldestAtItsBound)
{
    BoundedStore<int> store(2);
    store.insert("a", 1);
    store.insert("b", 2);
    store.insert("a", 3); // now the youngest
    EXPECT_TRUE(store.isFull());
    store.insert("c", 4);
    EXPECT_EQ(store.find("b"), nullptr);
    EXPECT_EQ(*store.find("a"), 3);
    EXPECT_EQ(*store.find("c"), 4);
    EXPECT_EQ(store.size(), 2);
}

TEST(BoundedStore, ForgetsWhatAConditionNames)
{
    BoundedStore<int> store;
    for (const char *name : {"1", "2", "3", "4"})
        store.insert(name, QByteArray(name).toInt());
    store.removeIf([](int value) { return value % 2 == 0; });
    EXPECT_EQ(store.size(), 2);
    EXPECT_EQ(store.find("2"), nullptr);
    EXPECT_EQ(*store.find("3"), 3);
}
